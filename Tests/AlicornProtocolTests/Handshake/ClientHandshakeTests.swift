// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ClientHandshakeTests {
    private typealias Configuration = ClientHandshake.Configuration

    private func handshake(
        _ uri: String = "ws://example.com/chat", _ configuration: ClientHandshake.Configuration = .init(userAgent: nil)
    ) throws -> ClientHandshake {
        var generator = CountingGenerator()
        return try ClientHandshake(to: WebSocketURI(uri), configuration: configuration, using: &generator)
    }

    // MARK: The request

    @Test("the smallest request, with the name of this implementation (RFC 6455 §4.1)")
    func requests() throws {
        let request = try handshake("wss://Example.com/a%20b?q", Configuration()).request
        #expect(request.method == "GET")
        #expect(request.target == "/a%20b?q")
        #expect(request.version == .http11)
        #expect(
            request.fields.lines == [
                "Host: example.com", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==", "Sec-WebSocket-Version: 13", "User-Agent: Alicorn/0.1",
            ])
    }

    @Test("headers stand in the order of HC-02")
    func orders() throws {
        let configuration = Configuration(
            origin: "https://example.com", subprotocols: ["chat", "superchat"],
            extensions: [
                NamedExtension(.init("x", [.init("a", "1"), .init("b")]), .init("x")), NamedExtension(.init("y")),
            ],
            additionalFields: [
                .init(name: "Cookie", value: "a"), .init(name: "X", value: "é"), .init(name: "Cookie", value: "b"),
            ],
            userAgent: "me")
        #expect(
            try handshake("ws://u:p@[::1]:8080", configuration).request.fields.lines == [
                "Host: [::1]:8080", "Authorization: Basic dTpw", "Origin: https://example.com", "Upgrade: websocket",
                "Connection: Upgrade", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Extensions: x; a=1; b, x, y", "Sec-WebSocket-Protocol: chat, superchat", "Cookie: a",
                "X: é",
                "Cookie: b", "User-Agent: me",
            ])
    }

    @Test("an additional header takes the place of what would be sent, never a second one (D12)")
    func replaces() throws {
        let configuration = Configuration(
            origin: "https://a",
            additionalFields: [
                .init(name: "user-agent", value: "mine"), .init(name: "host", value: "other"),
                .init(name: "Authorization", value: "Bearer t"), .init(name: "origin", value: "https://b"),
            ])
        let fields = try handshake("ws://u:p@h", configuration).request.fields
        #expect(fields.values(of: "Host") == ["other"])
        #expect(fields.values(of: "Authorization") == ["Bearer t"])
        #expect(fields.values(of: "Origin") == ["https://b"])
        #expect(fields.values(of: "User-Agent") == ["mine"])
        #expect(fields.count == 8)
        #expect(fields[0].value == "other")
    }

    @Test("a configuration that cannot be sent is refused (H16, SUB-01)")
    func refusesMisuse() {
        let cases: [(ClientHandshake.Configuration, HandshakeMisuse)] = [
            (.init(subprotocols: ["a b"]), .subprotocol("a b")),
            (.init(subprotocols: ["a", "a"]), .repeatedSubprotocol("a")),
            (.init(origin: "a\r\nb"), .header(.value(name: "Origin"))),
            (.init(userAgent: "\0"), .header(.value(name: "User-Agent"))),
            (.init(additionalFields: [.init(name: "X", value: "\n")]), .header(.value(name: "X"))),
            (.init(additionalFields: [.init(name: "X:", value: "")]), .header(.name("X:"))),
            (.init(additionalFields: [.init(name: "Upgrade", value: "x")]), .reservedHeader("Upgrade")),
            (
                .init(additionalFields: [.init(name: "sec-websocket-key", value: "x")]),
                .reservedHeader("sec-websocket-key")
            ),
            (
                .init(additionalFields: [.init(name: "Host", value: "a"), .init(name: "host", value: "b")]),
                .repeatedHeader("Host")
            ),
            (.init(extensions: [NamedExtension(.init("\n"))]), .header(.value(name: "Sec-WebSocket-Extensions"))),
        ]
        for (configuration, misuse) in cases {
            #expect(throws: misuse) { try handshake("ws://h", configuration) }
        }
    }

    // MARK: The response

    static let accept = "Sec-WebSocket-Accept"

    private func response(
        _ changes: [String: [String]] = [:], status: Int = 101, version: HTTPVersion = .http11
    ) throws -> ResponseHead {
        let key = try HandshakeKey(in: handshake().request)
        let usual = [("Upgrade", "websocket"), ("Connection", "Upgrade"), (Self.accept, key.accept)]
        var fields = try HeaderFields(usual.filter { changes[$0.0] == nil })
        for (name, values) in changes {
            for value in values { try fields.append(name: name, value: value) }
        }
        return ResponseHead(status: status, version: version, fields: fields)
    }

    @Test(
        "a response that keeps the rules is accepted",
        arguments: [
            [:], ["Upgrade": ["WebSocket"]], ["Connection": ["keep-alive, UPGRADE"]],
            ["Connection": ["close", "upgrade"]],
            ["Server": ["x"]],
        ] as [[String: [String]]]
    )
    func accepts(changes: [String: [String]]) throws {
        let agreement = try handshake().evaluate(response(changes))
        #expect(agreement.subprotocol == nil)
        #expect(agreement.acceptedExtension == nil)
    }

    @Test(
        "a response that breaks a rule fails the handshake (HC-10 to HC-13, C1, C2)",
        arguments: [
            (["Upgrade": []], "missing Upgrade header"),
            (["Upgrade": ["h2c"]], "invalid Upgrade header \"h2c\": it has to be websocket"),
            (["Upgrade": ["websocket, h2c"]], "invalid Upgrade header \"websocket, h2c\": it has to be websocket"),
            (
                ["Upgrade": ["websocket", "websocket"]],
                "invalid Upgrade header \"websocket, websocket\": it has to be websocket"
            ),
            (["Connection": []], "missing Connection header"),
            (["Connection": ["close"]], "invalid Connection header \"close\": it has to hold Upgrade"),
            (["Connection": ["Upgrade, a b"]], "invalid Connection header: \"a b\" is not a token"),
            ([accept: []], "missing Sec-WebSocket-Accept header"),
            ([accept: ["a", "b"]], "more than one Sec-WebSocket-Accept header"),
            (
                [accept: ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]],
                "wrong Sec-WebSocket-Accept header \"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\": the key asks for \"C/0nmHhBztSRGR1CwL6Tf4ZjwpY=\""
            ),
            (["Sec-WebSocket-Protocol": ["x"]], "the server accepted the subprotocol \"x\", which was not offered"),
            (["Sec-WebSocket-Protocol": [""]], "the server accepted the subprotocol \"\", which was not offered"),
            (["Sec-WebSocket-Protocol": ["x", "y"]], "the server accepted more than one subprotocol"),
            (["Sec-WebSocket-Extensions": ["x"]], "the server accepted the extension \"x\", which was not offered"),
            (["Sec-WebSocket-Extensions": ["x", "y"]], "more than one Sec-WebSocket-Extensions header"),
            (
                ["Sec-WebSocket-Extensions": [""]],
                "invalid Sec-WebSocket-Extensions header: expected token at 0 in \"\""
            ),
        ] as [([String: [String]], String)]
    )
    func refuses(changes: [String: [String]], text: String) throws {
        let response = try response(changes)
        let failure = #expect(throws: HandshakeFailure.self) { _ = try handshake().evaluate(response) }
        #expect(failure?.description == text)
    }

    @Test("another status fails with the whole head (HC-09), in any version of HTTP")
    func refusesStatus() throws {
        let response = try response(["Location": ["/x"]], status: 302, version: .http10)
        let failure = #expect(throws: HandshakeFailure.self) { _ = try handshake().evaluate(response) }
        guard case .status(let head) = failure else {
            Issue.record("another failure")
            return
        }
        #expect(head.fields.first("Location") == "/x")
        #expect(failure?.description == "the server answered 302 (Found) instead of 101 (Switching Protocols)")
    }

    @Test("101 in HTTP/1.0 fails (HC-08)")
    func refusesVersion() throws {
        let response = try response(version: .http10)
        let failure = #expect(throws: HandshakeFailure.self) { _ = try handshake().evaluate(response) }
        #expect(failure?.description == "the server answered with HTTP/1.0 instead of HTTP/1.1")
    }

    @Test("a subprotocol that was offered is agreed on, exactly as it is written (HC-13)")
    func agreesOnSubprotocol() throws {
        let client = try handshake("ws://h", .init(subprotocols: ["chat", "superchat"]))
        #expect(try client.evaluate(response(["Sec-WebSocket-Protocol": ["superchat"]])).subprotocol == "superchat")
        #expect(try client.evaluate(response()).subprotocol == nil)
        for other in ["Chat", "chat, superchat", "chat,"] {
            let response = try response(["Sec-WebSocket-Protocol": [other]])
            #expect(throws: HandshakeFailure.self) { _ = try client.evaluate(response) }
        }
    }

    @Test("an extension that was offered is agreed on, one at a time (HC-12)")
    func agreesOnExtension() throws {
        let refusal = ExtensionRefusal("the parameter b was not offered")
        let client = try handshake(
            "ws://h", .init(extensions: [NamedExtension(.init("x")), NamedExtension(.init("y"), refusal: refusal)]))
        let agreement = try client.evaluate(response(["Sec-WebSocket-Extensions": ["x; a=1"]]))
        #expect(agreement.acceptedExtension?.description == .init("x", [.init("a", "1")]))
        let faults = [
            ("z", "the server accepted the extension \"z\", which was not offered"),
            ("X", "the server accepted the extension \"X\", which was not offered"),
            ("x, x", "the server accepted several extensions at once: \"x\", \"x\""),
            ("x, z", "the server accepted the extension \"z\", which was not offered"),
            ("y; b", "the server answered \"y; b\": the parameter b was not offered"),
            ("x;", "invalid Sec-WebSocket-Extensions header: expected token at 2 in \"x;\""),
        ]
        for (answer, text) in faults {
            let response = try response(["Sec-WebSocket-Extensions": [answer]])
            let failure = #expect(throws: HandshakeFailure.self) { _ = try client.evaluate(response) }
            #expect(failure?.description == text)
        }
    }

    @Test("client and server agree with each other")
    func meetsServer() throws {
        let client = try handshake(
            "ws://h/chat",
            .init(origin: "http://h", subprotocols: ["b", "a"], extensions: [NamedExtension(.init("x"))]))
        let server = try ServerHandshake(
            subprotocols: Subprotocols(["a", "b"]), origins: Origins([OriginPattern("http://h")]),
            extensions: [NamedExtension(.init("x"))], allowedHosts: [HostPattern("h")])
        guard case .accepted(let acceptance) = server.evaluate(client.request, announcesBody: false) else {
            Issue.record("refused")
            return
        }
        let agreement = try client.evaluate(acceptance.response())
        #expect(agreement.subprotocol == "a")
        #expect(agreement.acceptedExtension?.description == .init("x"))
    }
}
