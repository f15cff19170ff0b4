// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("Opening handshakes (D12, D13, D17)", .onEachEngine, .timeLimit(.minutes(1)))
struct HandshakeDefectTests {
    @Test("D12: a Host of one's own takes the place of the one that would be sent")
    func ownHost() async throws {
        var configuration = WebSocketClient.Configuration()
        configuration.additionalFields = [HeaderField(name: "host", value: "example.com")]
        let head = try await request(of: configuration) { "ws://127.0.0.1:\($0)/" }
        let hosts = head.filter { $0.lowercased().hasPrefix("host:") }
        #expect(hosts == ["Host: example.com"])
    }

    @Test(
        "D13: a handshake that is refused is answered as RFC 6455 §4.4 and RFC 9112 want it",
        arguments: [
            (
                ScriptedPeer.openingRequest().replacing("Version: 13", with: "Version: 8"), 426,
                "Sec-WebSocket-Version: 13"
            ),
            (ScriptedPeer.openingRequest().replacing("Host: 127.0.0.1\r\n", with: ""), 400, "Connection: close"),
            (ScriptedPeer.openingRequest().replacing("GET / ", with: "GET "), 400, "Connection: close"),
            (ScriptedPeer.openingRequest().replacing("\r\n", with: "\n"), 400, "Connection: close"),
            (ScriptedPeer.openingRequest().replacing("GET ", with: "POST "), 405, "Allow: GET"),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", 400, "Connection: close"),
        ])
    func refusals(request: String, status: Int, field: String) async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let peer = try await ScriptedPeer.connect(port: port)
            try await peer.send(request)
            peer.finishWriting()
            let head = try await peer.receiveHead()
            #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
            #expect(head.contains("\r\n\(field)\r\n"), "\(head)")
        }
    }

    @Test("D13: the answer to HEAD has no body")
    func head() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let request = ScriptedPeer.openingRequest().replacing("GET ", with: "HEAD ")
            let answer = try await RawConnection.exchange(port: port, sending: Array(request.utf8))
            let text = String(decoding: answer, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 405 "))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("D17: what an address has escaped is sent as it is, and what is not ASCII is escaped once")
    func escapes() async throws {
        let head = try await request(of: .init()) { "ws://127.0.0.1:\($0)/caf%C3%A9/%20/é?q=%2F%20ü" }
        #expect(head.first == "GET /caf%C3%A9/%20/%C3%A9?q=%2F%20%C3%BC HTTP/1.1")
    }

    @Test("D17: a port that is none is an invalid address", arguments: ["0", "65536", "99999", "-1", "8o", "８０"])
    func ports(port: String) async throws {
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/") { _ in }
        }
        #expect(error?.code == .invalidAddress)
    }

    /// The lines of the request that our client sends.
    private func request(
        of configuration: WebSocketClient.Configuration, to address: @Sendable (Int) -> String
    ) async throws -> [String] {
        let listener = try ScriptedListener()
        let address = address(listener.port)
        let opening = Task { try await WebSocketClient.connect(to: address, configuration: configuration) { _ in } }
        let peer = try await listener.accept()
        let head = try await peer.receiveHead()
        try await peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await #expect(throws: WebSocketError.self) { try await opening.value }
        return head.split(separator: "\r\n").map(String.init)
    }
}
