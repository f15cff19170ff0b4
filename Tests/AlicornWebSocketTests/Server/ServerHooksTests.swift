// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("The hooks of a server", .onEachEngine, .timeLimit(.minutes(1)))
struct ServerHooksTests {
    struct Fault: Error {}

    // MARK: - Before the handshake

    @Test("a responder may change the request that the handshake and the handler get")
    func changedRequest() async throws {
        let server = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, logger: RunningServer.silent,
                respond: { request in
                    request.username = "ada"
                    request.head.target = "/changed"
                    return nil
                },
                handler: { connection in
                    try await connection.send("\(connection.request.target) \(connection.username ?? "nobody")")
                }))
        let connection = try await WebSocketClient.open(server.address + "original")
        #expect(try await connection.receive() == "/changed ada")
        #expect(connection.username == nil, "the client has its own")
        try await connection.close()
        try await server.stop()
    }

    @Test("a responder sees the client's address")
    func address() async throws {
        let server = try await RunningServer(respond: { request in
            .text("\(request.remoteAddress) \(request.localAddress) \(request.isSecure) \(request.username ?? "-")")
        })
        let answer = try await server.answer("/a?b")
        #expect(answer.contains("\r\n\r\n127.0.0.1:"))
        #expect(answer.hasSuffix(" 127.0.0.1:\(server.port) false -"))
        try await server.stop()
    }

    // MARK: - After the handshake

    @Test("the hook after the handshake may add to the 101 and to a refusal, or give another response")
    func amended() async throws {
        let server = try await RunningServer(
            .with {
                $0.amendResponse = { request, response in
                    if request.path == "/else" { return .text("no\n", status: 403) }
                    try response.fields.append(name: "Set-Cookie", value: "status=\(response.status)")
                    response.fields.remove("Server")
                    return nil
                }
            })
        let opened = try await server.handshake()
        #expect(opened.hasPrefix("HTTP/1.1 101 "))
        #expect(opened.contains("Set-Cookie: status=101\r\n") && !opened.contains("Server:"))
        #expect(try await server.answer("/").contains("Set-Cookie: status=426\r\n"))
        #expect(try await server.handshake("/else").hasPrefix("HTTP/1.1 403 "))
        try await server.stop()
    }

    @Test("a hook that breaks the handshake, or throws, is a 500", arguments: ["accept", "status", "added", "throw"])
    func broken(what: String) async throws {
        let server = try await RunningServer(
            .with {
                $0.amendResponse = { _, response in
                    switch what {
                    case "accept": try response.fields.set(name: "Sec-WebSocket-Accept", value: "x")
                    case "status": response.status = 200
                    case "added": try response.fields.append(name: "sec-websocket-protocol", value: "x")
                    default: throw Fault()
                    }
                    return nil
                }
            })
        #expect(try await server.handshake().hasPrefix("HTTP/1.1 500 "))
        try await server.stop()
    }

    // MARK: - Subprotocols

    @Test(
        "a function chooses the subprotocol, or none, or refuses",
        arguments: [
            ("v1, v2", 101, "v2"), ("v1", 101, nil), ("bad, v1", 400, nil), ("odd", 500, nil), (nil, 101, nil),
        ] as [(String?, Int, String?)])
    func subprotocols(offer: String?, status: Int, choice: String?) async throws {
        let server = try await RunningServer(
            .with {
                // Which must not refuse by itself.
                $0.subprotocols = try? Subprotocols(["v2", "v3"])
                $0.selectSubprotocol = { offered, request in
                    #expect(request.path == "/")
                    if offered.contains("bad") { return .refuse }
                    if offered.contains("odd") { return .use("never offered") }
                    return offered.contains("v2") ? .use("v2") : .none
                }
            })
        let fields = offer.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
        let head = try await server.handshake(fields: fields)
        #expect(head.hasPrefix("HTTP/1.1 \(status) "))
        #expect(head.contains("Sec-WebSocket-Protocol: v2\r\n") == (choice != nil))
        try await server.stop()
    }

    @Test("the subprotocol that a function chose is the connection's, with callbacks too")
    func subprotocolOfCallbacks() async throws {
        final class Greeter: WebSocketHandler {
            func opened(_ connection: CallbackConnection) { try? connection.send(connection.subprotocol ?? "none") }
            func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
        }
        let server = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0,
                configuration: .with { $0.selectSubprotocol = { offered, _ in .use(offered[1]) } },
                logger: RunningServer.silent, callbacks: { _ in Greeter() }))
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["a", "b"]
        let connection = try await WebSocketClient.open(server.address, configuration: configuration)
        #expect(try await connection.receive() == "b")
        try await connection.close()
        try await server.stop()
    }

    // MARK: - Expectations

    @Test("a client that waits for 100 gets its final answer at once, and the connection ends behind it")
    func expectContinue() async throws {
        let server = try await RunningServer(respond: { request in .text("\(request.method)\n", status: 413) })
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        let head = try await peer.receiveHead()
        #expect(head.hasPrefix("HTTP/1.1 413 "), "RFC 9110 §10.1.1: a final status in the place of 100")
        #expect(head.contains("Connection: close\r\n"))
        // What the client may send all the same is no request.
        try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        peer.finishWriting()
        #expect(try await peer.receiveAll() == Array("POST\n".utf8))
        try await server.stop()
    }

    @Test("a client that waits for 100 gets it where bodies are wanted, and the application gets the body")
    func continued() async throws {
        let server = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: .with { $0.http.requestBody = 5 },
                logger: RunningServer.silent,
                respond: { request in .text(String(decoding: request.body, as: UTF8.self) + "\n") },
                handler: RunningServer.echo))
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await peer.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        try await peer.send("hello")
        let head = try await peer.receiveHead()
        #expect(head.hasPrefix("HTTP/1.1 200 ") && !head.contains("Connection: close"))
        #expect(try await peer.receive(6) == Array("hello\n".utf8))
        try await peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 413 "), "known before the body is sent")
        peer.finishWriting()
        _ = try await peer.receiveAll()
        try await server.stop()
    }

    @Test("another expectation is a 417")
    func unknownExpectation() async throws {
        let server = try await RunningServer(respond: { _ in .text("never\n") })
        #expect(try await server.answer("/", fields: "Expect: wonders\r\n").hasPrefix("HTTP/1.1 417 "))
        try await server.stop()
    }
}
