// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Testing

/// Whatever is sent, the peer gets the right answer, the log one line with the cause, and the server goes on serving.
@Suite("hostile input", .onEachEngine, .timeLimit(.minutes(3)))
struct HostileInputTests {
    @Test("a bad request gets its status", arguments: HostileRequest.table)
    func request(_ row: HostileRequest) async throws {
        let log = RecordedLog()
        try await server(log).serving { port in
            try await attack(row, port)
            try await expectService(on: port)
        }
        expectOneCause(containing: row.cause, in: log)
    }

    @Test("bad frames get their close code", arguments: HostileFrames.table)
    func frames(_ row: HostileFrames) async throws {
        let log = RecordedLog()
        try await server(log).serving { port in
            try await attack(row, port)
            try await expectService(on: port)
        }
        expectOneCause(containing: row.cause, in: log)
    }

    @Test("bad frames get their close code from a server with callbacks", arguments: HostileFrames.table)
    func framesToCallbacks(_ row: HostileFrames) async throws {
        let log = RecordedLog()
        let configuration = try configuration()
        let server = WebSocketServer.local(configuration, logger: log.logger, callbacks: { _ in EchoHandler() })
        try await server.serving { port in
            try await attack(row, port)
            try await expectService(on: port)
        }
        expectOneCause(containing: row.cause, in: log)
    }

    @Test("one server outlives all of it at once")
    func everything() async throws {
        let log = RecordedLog()
        try await server(log).serving { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for row in HostileRequest.table { group.addTask { try await attack(row, port) } }
                for row in HostileFrames.table { group.addTask { try await attack(row, port) } }
                for _ in 0..<20 { group.addTask { try await expectService(on: port) } }
                try await group.waitForAll()
            }
            try await expectService(on: port)
        }
        #expect(log.causes.count == HostileRequest.table.count + HostileFrames.table.count)
    }

    @Test("every answer has the date (RFC 9110 §6.6.1)", arguments: [HostileRequest.handshakes[0], .startLines[0]])
    func date(_ row: HostileRequest) async throws {
        let answer = try await server(RecordedLog()).serving { port in
            Answer(try await RawConnection.exchange(port: port, sending: row.bytes))
        }
        let hasDate = answer.lines.contains { $0.hasPrefix("Date: ") }
        #expect(hasDate, "\(answer.head)")
    }

    @Test("the rows are many", arguments: [HostileRequest.table.count, HostileFrames.table.count])
    func rows(_ count: Int) { #expect(count >= 40) }

    // MARK: - The server

    private func configuration() throws -> WebSocketServer.Configuration {
        var configuration = WebSocketServer.Configuration()
        configuration.origins = Origins([try OriginPattern("https://example.com")], check: .whenSent)
        configuration.allowedHosts = [try HostPattern("127.0.0.1")]
        return configuration
    }

    private func server(_ log: RecordedLog) throws -> WebSocketServer {
        .local(try configuration(), logger: log.logger, handler: WebSocketServer.echo)
    }

    // MARK: - What is sent and expected

    private func attack(_ row: HostileRequest, _ port: Int) async throws {
        let answer = Answer(try await RawConnection.exchange(port: port, sending: row.bytes))
        #expect(answer.status == row.status, "\(row.testDescription)\n\(answer.head)")
        #expect(answer.bodyFitsLength, "nothing behind a refused request is answered (RFC 9112 §9.6): \(answer)")
        if let line = row.answer { #expect(answer.lines.contains(Substring(line))) }
    }

    private func attack(_ row: HostileFrames, _ port: Int) async throws {
        let handshake = String(HostileRequest.request().dropLast()) + row.fields.map { $0 + "\r\n" }.joined() + "\r\n"
        let answer = Answer(try await RawConnection.exchange(port: port, sending: Array(handshake.utf8) + row.input))
        #expect(answer.status == 101, "\(answer.head)")
        #expect(answer.closeCode == row.code, "\(row.rule): \(answer.body)")
    }

    private func expectService(on port: Int) async throws {
        try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/") { connection in
            try await connection.send("still there?")
            #expect(try await connection.receive() == "still there?")
        }
    }

    private func expectOneCause(containing text: String, in log: RecordedLog) {
        #expect(log.causes.count == 1, "\(log.lines)")
        #expect(log.causes.first?.contains(text) ?? false, "\(log.causes)")
    }
}

/// What a server sent before it ended the connection.
private struct Answer {
    /// The status line and the fields.
    var head: String
    var body: [UInt8]

    init(_ bytes: [UInt8]) {
        var end = bytes.count
        for index in bytes.indices.dropLast(3) where bytes[index..<index + 4].elementsEqual("\r\n\r\n".utf8) {
            end = index + 4
            break
        }
        head = String(decoding: bytes[..<end], as: UTF8.self)
        body = Array(bytes[end...])
    }

    var lines: [Substring] { head.split(separator: "\r\n") }

    var status: Int? {
        let parts = (lines.first ?? "").split(separator: " ")
        return parts.count > 1 ? Int(parts[1]) : nil
    }

    /// Whether what follows the head is its body, or nothing, as in an answer to HEAD, and no other answer.
    var bodyFitsLength: Bool { body.isEmpty || lines.contains("Content-Length: \(body.count)") }

    /// The code of the close frame that ends the body (RFC 6455 §5.5.1), behind pieces of echoes.
    var closeCode: UInt16? {
        var rest = body[...]
        while let first = rest.first, let length = rest.dropFirst().first, length < 126 {
            let payload = rest.dropFirst(2).prefix(Int(length))
            if first == 0x88 {
                guard rest.count == 2 + payload.count, payload.count >= 2 else { return nil }
                return UInt16(payload[payload.startIndex]) << 8 | UInt16(payload[payload.startIndex + 1])
            }
            rest = rest.dropFirst(2 + Int(length))
        }
        return nil
    }
}
