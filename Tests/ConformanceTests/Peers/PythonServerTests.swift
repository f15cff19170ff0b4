// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

/// Python's `websockets` as the server of our client.
@Suite("Python's server", .enabled(if: Python.isThere, Python.skipped), .pythonServer, .timeLimit(.minutes(2)))
struct PythonServerTests {
    /// RFC 6455 §7.4: what may stand in a close frame.
    static let closeCodes: [CloseCode] =
        (Array(1000...1003) + Array(1007...1014) + [3000, 3999, 4000, 4999]).map(CloseCode.init(rawValue:))

    static let compressions: [DeflateCase] =
        [
            DeflateCase("", ClientPerMessageDeflate()),
            DeflateCase("", ClientPerMessageDeflate(serverNoContextTakeover: true, clientNoContextTakeover: true)),
            DeflateCase("server_no_context_takeover=1", ClientPerMessageDeflate()),
            DeflateCase("client_no_context_takeover=1", ClientPerMessageDeflate()),
            DeflateCase(
                "", ClientPerMessageDeflate(serverMaxWindowBits: 9, clientMaxWindowBits: .limited(to: 9))),
        ]
        + (9...15).flatMap { bits in
            [
                DeflateCase("server_max_window_bits=\(bits)", ClientPerMessageDeflate()),
                DeflateCase("client_max_window_bits=\(bits)", ClientPerMessageDeflate()),
            ]
        }

    @Test("text of every length form comes back")
    func text() async throws {
        try await connect("/echo?deflate=off") { connection in
            for text in ["", "hello", "Grüße, 🦄"] + [125, 126, 65535, 65536].map({ String(repeating: "x", count: $0) })
            {
                try await expectEcho(.text(text), on: connection)
            }
        }
    }

    @Test("bytes of every length form come back")
    func binary() async throws {
        try await connect("/echo?deflate=off") { connection in
            for count in [0, 1, 125, 126, 65535, 65536, 1 << 20] {
                try await expectEcho(.binary(Self.bytes(count)), on: connection)
            }
        }
    }

    @Test("16 MiB come and come back, compressed or not", arguments: ["deflate=off", ""])
    func sixteenMebibytes(_ query: String) async throws {
        try await connect("/echo?\(query)") { connection in
            try await expectEcho(.binary(Self.bytes(16 << 20)), on: connection)
        }
        try await connect("/big?kind=text&\(query)") { connection in
            let message = try await connection.receive()
            #expect(message.isText)
            #expect(message.buffer.readableBytes == 16 << 20)
        }
    }

    @Test("messages in fragments are put together", arguments: ["size=1", "size=3", "size=3&deflate=off", "size=1000"])
    func fragmented(_ query: String) async throws {
        try await connect("/fragments?\(query)") { connection in
            try await expectEcho("Grüße, 🦄, and some more text", on: connection)
            try await expectEcho(.binary(Self.bytes(3000)), on: connection)
            try await expectEcho("", on: connection)
        }
    }

    @Test("permessage-deflate works with each parameter", arguments: compressions)
    func deflate(_ parameters: DeflateCase) async throws {
        var configuration = WebSocketClient.Configuration()
        configuration.deflate = parameters.client
        try await connect("/echo?\(parameters.query)", configuration) { connection in
            let answer = try #require(connection.response.fields.first("Sec-WebSocket-Extensions"))
            #expect(answer.hasPrefix("permessage-deflate"))
            if let insisted = parameters.query.split(separator: "=").first { #expect(answer.contains(insisted)) }
            for text in ["", "hello", "hello", String(repeating: "Grüße, 🦄 ", count: 5000)] {
                try await expectEcho(.text(text), on: connection)
            }
            try await expectEcho(.binary(Self.bytes(70_000)), on: connection)
        }
    }

    @Test("pings go both ways")
    func pings() async throws {
        try await connect("/ping?count=5") { connection in
            let message = try await connection.receive()
            #expect(message == "ok")
            for payload in [nil, [], Array(repeating: 1, count: 125)] as [[UInt8]?] {
                let latency = try await connection.ping(payload)
                #expect(latency > .zero)
            }
        }
    }

    @Test("every close code that the server may send arrives, and is answered by the same", arguments: closeCodes)
    func closedByServer(_ code: CloseCode) async throws {
        try await open("/close?code=\(code.rawValue)&reason=enough") { connection in
            do {
                let message = try await connection.receive()
                Issue.record("a message came: \(message)")
            } catch let error as WebSocketError {
                #expect(error.code == .closed)
                #expect(error.closure?.cause == .closedByPeer)
                #expect(error.closure?.received == CloseFrame(code, reason: "enough"))
                #expect(error.closure?.sent?.code == code)
            }
        }
    }

    @Test("every close code that we may send is answered by the same", arguments: closeCodes)
    func closedByClient(_ code: CloseCode) async throws {
        try await open("/echo") { connection in
            try await connection.close(code, reason: "enough")
            let closure = try #require(await connection.closure)
            #expect(closure.cause == .closedLocally)
            #expect(closure.sent == CloseFrame(code, reason: "enough"))
            #expect(closure.received?.code == code)
            #expect(!closure.timedOut)
        }
    }

    @Test("what the server sent before it closed is received")
    func closedAfterMessage() async throws {
        try await connect("/close-after?code=4000&reason=done") { connection in
            try await connection.send("one")
            let error = try await #require(throws: WebSocketError.self) { try await connection.receive() }
            #expect(error.closure?.code == 4000)
        }
    }

    @Test("a connection that is cut ends with 1006 and says so")
    func dropped() async throws {
        try await open("/drop") { connection in
            try await connection.send("one")
            let error = try await #require(throws: WebSocketError.self) { try await connection.receive() }
            #expect(error.closure?.code == .abnormalClosure)
            #expect(error.closure?.received == nil)
        }
    }

    @Test("the server's choice of subprotocol is ours", arguments: [("b,c", "b"), ("c", nil), ("a,b", "a")])
    func subprotocols(known: String, expected: String?) async throws {
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["a", "b"]
        try await connect("/echo?subprotocols=\(known)", configuration) { connection in
            #expect(connection.subprotocol == expected)
            try await expectEcho("hello", on: connection)
        }
    }

    @Test("our own header fields reach the server")
    func headers() async throws {
        var configuration = WebSocketClient.Configuration()
        configuration.origin = "https://example.com"
        configuration.additionalFields = [HeaderField(name: "X-Test", value: "one")]
        try await connect("/headers", configuration) { connection in
            let headers = try await connection.receive().text
            #expect(headers.contains("[\"X-Test\", \"one\"]"))
            #expect(headers.contains("[\"Origin\", \"https://example.com\"]"))
        }
    }

    @Test("a refusal tells the status and what the server says", arguments: [401, 403, 404, 503])
    func refused(_ status: Int) async throws {
        let error = try await #require(throws: WebSocketError.self) {
            try await connect("/refuse?status=\(status)") { _ in }
        }
        #expect(error.code == .handshakeFailed)
        #expect(error.message.contains("the server answered \(status)"))
        #expect(error.message.contains("refused"))
    }

    // MARK: - Connections

    /// A connection that has to end well.
    private func connect(
        _ target: String, _ configuration: WebSocketClient.Configuration = WebSocketClient.Configuration(),
        _ body: (WebSocketConnection) async throws -> Void
    ) async throws {
        var configuration = configuration
        configuration.connection.limits.maximumMessageSize = 16 << 20
        try await WebSocketClient.connect(to: PythonServer.address + target, configuration: configuration, body)
    }

    /// A connection that `body` or the server closes.
    private func open(_ target: String, _ body: (WebSocketConnection) async throws -> Void) async throws {
        let connection = try await WebSocketClient.open(PythonServer.address + target)
        try await body(connection)
        await connection.waitUntilClosed()
    }

    private func expectEcho(_ message: WebSocketMessage, on connection: WebSocketConnection) async throws {
        try await connection.send(message)
        let echo = try await connection.receive()
        #expect(echo == message)
    }

    private static func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(bytes: (0..<count).map { UInt8($0 % 251) }) }
}

/// What Python's server insists on, and what we offer it.
struct DeflateCase: Sendable, CustomTestStringConvertible {
    var query: String
    var client: ClientPerMessageDeflate

    init(_ query: String, _ client: ClientPerMessageDeflate) {
        self.query = query
        self.client = client
    }

    var testDescription: String {
        let offer = ExtensionHeader.serialize(client.offers)
        return "\(query.isEmpty ? "no demand" : query) against the offer \(offer)"
    }
}

/// One server for all tests of the suite: the path says how it behaves.
private struct PythonServer: SuiteTrait, TestScoping {
    @TaskLocal static var address = ""

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await PythonProgram.run("peer_server.py") { server in
            try await Self.$address.withValue("ws://127.0.0.1:\(await server.readLine())") { try await body() }
        }
    }
}

extension Trait where Self == PythonServer {
    fileprivate static var pythonServer: Self { Self() }
}
