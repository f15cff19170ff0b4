// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import EngineTesting
import Logging
import NIOCore
import Testing

@Suite("The log at debug", .onEachEngine, .timeLimit(.minutes(1)))
struct WireLogTests {
    private func serve(
        _ log: RecordedLog, _ change: (inout WebSocketServer.Configuration) -> Void = { _ in },
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        var configuration = WebSocketServer.Configuration()
        change(&configuration)
        let running = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: configuration, logger: log.logger,
                handler: RunningServer.echo))
        try await body(running)
        try await running.stop()
    }

    private func wireLines(_ log: RecordedLog) -> [String] {
        log.lines.map(\.message).filter { line in "<>=%-!x".contains { line.hasPrefix("\($0) ") } }
    }

    @Test("LOG-05: a connection from its first line to the end of TCP")
    func session() async throws {
        let log = RecordedLog(level: .debug)
        try await serve(log) { running in
            let peer = try await running.openScripted()
            try await peer.send(ScriptedConnection.frame(0x81, Array("hello".utf8)))
            _ = try await peer.receive(7)
            try await peer.send(ScriptedConnection.frame(0x88, [0x03, 0xE8]))
            _ = try await peer.receiveAll()
        }
        // Once our side has ended, SwiftNIO closes the channel without telling of the peer's end.
        let uncertain = ["< EOF", "x closing TCP connection"]
        let lines = wireLines(log).filter { !$0.hasPrefix("> Date: ") && !uncertain.contains($0) }
        #expect(
            lines == [
                "< GET / HTTP/1.1", "< Host: 127.0.0.1", "< Upgrade: websocket", "< Connection: Upgrade",
                "< Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "< Sec-WebSocket-Version: 13",
                "> HTTP/1.1 101 Switching Protocols", "> Upgrade: websocket", "> Connection: Upgrade",
                "> Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "> Server: Alicorn", "= connection is OPEN",
                "< TEXT 'hello' [5 bytes]", "> TEXT 'hello' [5 bytes]", "< CLOSE 1000 (OK) [2 bytes]",
                "= connection is CLOSING", "> CLOSE 1000 (OK) [2 bytes]", "x half-closing TCP connection",
                "= connection is CLOSED",
            ])
        #expect(Set(log.lines.compactMap { $0.metadata["connection"] }).count == 1)
    }

    @Test("keepalive and its timeout have their own marks")
    func keepalive() async throws {
        let log = RecordedLog(level: .debug)
        try await serve(log) {
            $0.connection.limits.pingInterval = .milliseconds(50)
            $0.connection.limits.pingTimeout = .seconds(2)
            $0.connection.limits.closeTimeout = .milliseconds(100)
        } _: { running in
            let peer = try await running.openScripted()
            let ping = try await peer.receive(6)
            try await peer.send(ScriptedConnection.frame(0x8A, Array(ping.dropFirst(2))))
            try await peer.receiveEnd()
        }
        let lines = wireLines(log)
        #expect(lines.contains("% sent keepalive ping"))
        #expect(lines.contains("% received keepalive pong"))
        #expect(lines.contains { $0.hasPrefix("- nothing came from the peer for ") })
        #expect(lines.last == "= connection is CLOSED")
    }

    @Test("a client's connection is logged with what it sends decompressed, as the server's is")
    func client() async throws {
        let serverLog = RecordedLog(level: .debug)
        let clientLog = RecordedLog(level: .debug)
        let text = String(repeating: "again ", count: 100)
        try await serve(serverLog) { running in
            var configuration = WebSocketClient.Configuration()
            configuration.logger = clientLog.logger
            configuration.additionalFields = [HeaderField(name: "Authorization", value: "Bearer secret")]
            try await WebSocketClient.connect(to: running.address, configuration: configuration) { connection in
                for _ in 0..<2 {
                    try await connection.send(text)
                    #expect(try await connection.receive().text == text)
                }
                connection.logger.notice("mine")
            }
        }
        for log in [clientLog, serverLog] {
            let mark = log === clientLog ? ">" : "<"
            let texts = wireLines(log).filter { $0.hasPrefix("\(mark) TEXT 'again again") }
            #expect(texts.count == 2)
            #expect(texts.allSatisfy { $0.contains("[600 bytes] compressed to ") })
            #expect(wireLines(log).contains("\(mark) Authorization: [redacted, 13 bytes]"))
            #expect(!log.lines.contains { $0.description.contains("secret") })
        }
        let mine = clientLog.lines.first { $0.message == "mine" }
        #expect(mine?.metadata["connection"]?.count == 16)
        #expect(mine?.metadata["peer"]?.hasPrefix("127.0.0.1:") == true)
    }

    @Test("SRV-14: each connection has an identifier of its own, the same in its log and in the surface")
    func identifiers() async throws {
        let log = RecordedLog(level: .debug)
        try await serve(log) { running in
            let first = try await WebSocketClient.open(running.address)
            let second = try await WebSocketClient.open(running.address)
            #expect(first.id != second.id)
            #expect(first.id.description.count == 16)
            #expect(Set([first.id, second.id, first.id]).count == 2)
            try await first.close()
            try await second.close()
        }
        #expect(Set(log.lines.compactMap { $0.metadata["connection"] }).count == 2)
        #expect(log.lines.filter { $0.message == "connection ended" }.allSatisfy { $0.metadata["connection"] != nil })
    }

    @Test("a connection that is over is not said to be ended once more by its driver")
    func lateEnd() {
        let log = RecordedLog(level: .debug)
        let loop = VirtualClock().loop
        loop.perform {
            let transport = MemoryTransport(loop: loop)
            let diagnosis = Diagnosis(.server, logger: log.logger, Observability())
            let driver = diagnosis.observed(transport, as: .server, limits: ProtocolConfiguration()) { TidyDriver($0) }
            transport.setDriver(driver)
            driver.transportClosed(reason: "connection reset")
        }
        #expect(wireLines(log) == ["! connection reset", "= connection is CLOSED"])
    }

    @Test("above debug nothing of it is there")
    func quiet() async throws {
        let log = RecordedLog(level: .info)
        try await serve(log) { running in
            try await WebSocketClient.connect(to: running.address) { try await $0.send("hello") }
        }
        #expect(wireLines(log) == [])
        #expect(log.lines.map(\.message) == ["server listening", "server stopped"])
    }
}

/// Ends its transport in each way when that has ended.
private final class TidyDriver: ConnectionDriver {
    private let transport: any ConnectionTransport

    init(_ transport: any ConnectionTransport) { self.transport = transport }

    func receive(_ input: inout MutableSpan<UInt8>) {}
    func receiveEOF() {}
    func transportClosed(reason: String?) {
        transport.finishWriting()
        transport.close()
        transport.abort()
    }
    func writabilityChanged() {}
}
