// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// The 101 response of a valid handshake.
struct HandshakeDecisionTests {
    private func acceptance(
        _ server: ServerHandshake, offering subprotocols: [String] = [], _ extensions: [String] = []
    ) throws -> HandshakeAcceptance {
        let request = try RequestHead.handshake([
            "Sec-WebSocket-Protocol": subprotocols, "Sec-WebSocket-Extensions": extensions,
        ])
        guard case .accepted(let acceptance) = server.evaluate(request, announcesBody: false) else {
            throw HandshakeMisuse.status(0)
        }
        return acceptance
    }

    @Test("the smallest response (RFC 6455 §1.3)")
    func responds() throws {
        let response = try acceptance(ServerHandshake()).response()
        #expect(response.status == 101)
        #expect(response.reason == "Switching Protocols")
        #expect(response.version == .http11)
        #expect(
            response.fields.lines == [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ])
    }

    @Test("headers stand in the order of HS-13, those of the application before Server")
    func orders() throws {
        let server = try ServerHandshake(
            subprotocols: Subprotocols(["chat"]), extensions: [NamedExtension(.init("x", [.init("a", "1")]))],
            serverHeader: "Alicorn")
        let acceptance = try acceptance(server, offering: ["chat"], ["y, x; a=1"])
        #expect(acceptance.subprotocol == "chat")
        #expect(acceptance.offeredSubprotocols == ["chat"])
        #expect(acceptance.acceptedExtension?.description.name == "x")
        let cookies = [HeaderField(name: "Set-Cookie", value: "a"), HeaderField(name: "Set-Cookie", value: "b")]
        #expect(
            try acceptance.response(adding: cookies).fields.lines == [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Extensions: x; a=1", "Sec-WebSocket-Protocol: chat", "Set-Cookie: a", "Set-Cookie: b",
                "Server: Alicorn",
            ])
    }

    @Test("the application's Server header takes the place of the default")
    func replacesServer() throws {
        let acceptance = try acceptance(ServerHandshake(serverHeader: "Alicorn"))
        let response = try acceptance.response(adding: [HeaderField(name: "server", value: "mine")])
        #expect(response.fields.values(of: "Server") == ["mine"])
    }

    @Test("the application's choice is one that was offered, and is configured if any is (H10)")
    func choosesSubprotocol() throws {
        let free = try acceptance(ServerHandshake(), offering: ["a, b"])
        #expect(free.subprotocol == nil)
        #expect(try free.response(choosing: "b").fields.first("Sec-WebSocket-Protocol") == "b")
        #expect(try free.response(choosing: nil).fields.first("Sec-WebSocket-Protocol") == nil)
        #expect(throws: HandshakeMisuse.unofferedSubprotocol("c")) { try free.response(choosing: "c") }
        #expect(throws: HandshakeMisuse.unofferedSubprotocol("B")) { try free.response(choosing: "B") }

        let configured = try acceptance(ServerHandshake(subprotocols: Subprotocols(["a"])), offering: ["a, b"])
        #expect(try configured.response(choosing: "a").fields.first("Sec-WebSocket-Protocol") == "a")
        #expect(throws: HandshakeMisuse.unsupportedSubprotocol("b")) { try configured.response(choosing: "b") }
    }

    @Test("headers of the handshake and headers that split are refused (H16)")
    func refusesHeaders() throws {
        let acceptance = try acceptance(ServerHandshake())
        #expect(throws: HandshakeMisuse.reservedHeader("sec-websocket-protocol")) {
            try acceptance.response(adding: [HeaderField(name: "sec-websocket-protocol", value: "x")])
        }
        #expect(throws: HandshakeMisuse.header(.value(name: "X"))) {
            try acceptance.response(adding: [HeaderField(name: "X", value: "a\nb")])
        }
    }

    @Test("an extension's description that cannot be sent is the program's fault")
    func refusesExtension() throws {
        struct Broken: ServerExtension {
            func accept(_ offer: ExtensionDescription) -> AcceptedExtension? {
                AcceptedExtension(.init("x\r\n"), transform: IdleTransform())
            }
        }
        let acceptance = try acceptance(ServerHandshake(extensions: [Broken()]), ["x"])
        #expect(throws: HandshakeMisuse.header(.value(name: "Sec-WebSocket-Extensions"))) { try acceptance.response() }
    }
}
