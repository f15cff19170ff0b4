// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ServerHandshakeTests {
    /// Changes to the request of RFC 6455 §1.2 that leave it a valid handshake.
    static let valid: [[String: [String]]] = [
        [:],
        ["Upgrade": ["WebSocket"]], ["Upgrade": ["h2c, websocket"]], ["Upgrade": ["TLS/1.0", "websocket"]],
        ["Connection": ["keep-alive, Upgrade"]], ["Connection": ["keep-alive", "upgrade"]],
        ["Connection": [",UPGRADE"]],
        ["Host": ["example.com:8080"]], ["Host": ["[::1]:80"]], ["Host": ["localhost"]],
        ["Origin": ["http://evil"]], ["Sec-WebSocket-Protocol": ["a, b"]], ["Sec-WebSocket-Protocol": [""]],
        ["Sec-WebSocket-Extensions": ["a; b=\"c\", d"]], ["Cookie": ["é\u{80}"]],
    ]

    @Test("a request that keeps the rules is accepted (RFC 6455 §4.2.1)", arguments: valid)
    func accepts(changes: [String: [String]]) throws {
        guard case .accepted(let acceptance) = try evaluate(changes) else {
            Issue.record("refused")
            return
        }
        #expect(acceptance.subprotocol == nil)
        #expect(acceptance.acceptedExtension == nil)
    }

    /// Changes to the request that make it break one rule, with the status and the cause.
    static let broken: [([String: [String]], Int, String)] = [
        (["Upgrade": []], 426, "missing Upgrade header"),
        (["Upgrade": ["h2c"]], 426, "invalid Upgrade header \"h2c\": it has to be websocket"),
        (["Upgrade": ["websockets"]], 426, "invalid Upgrade header \"websockets\": it has to be websocket"),
        (["Connection": []], 426, "missing Connection header"),
        (["Connection": ["keep-alive"]], 426, "invalid Connection header \"keep-alive\": it has to hold Upgrade"),
        (["Connection": ["Upgraded"]], 426, "invalid Connection header \"Upgraded\": it has to hold Upgrade"),
        (["Host": []], 400, "missing Host header"),
        (["Host": ["a", "a"]], 400, "more than one Host header"),
        (["Host": [""]], 400, "invalid Host header \"\": the host is missing"),
        (
            ["Host": ["a b"]], 400,
            "invalid Host header \"a b\": the host \"a b\" holds characters that no host name has"
        ),
        (["Sec-WebSocket-Version": []], 426, "missing Sec-WebSocket-Version header; this server speaks version 13"),
        (["Sec-WebSocket-Version": ["13", "13"]], 400, "more than one Sec-WebSocket-Version header"),
        (
            ["Sec-WebSocket-Version": ["8"]], 426,
            "unsupported Sec-WebSocket-Version \"8\"; this server speaks version 13"
        ),
        (
            ["Sec-WebSocket-Version": ["13, 8"]], 426,
            "unsupported Sec-WebSocket-Version \"13, 8\"; this server speaks version 13"
        ),
        (
            ["Sec-WebSocket-Version": ["013"]], 426,
            "unsupported Sec-WebSocket-Version \"013\"; this server speaks version 13"
        ),
        (["Sec-WebSocket-Version": [""]], 426, "unsupported Sec-WebSocket-Version \"\"; this server speaks version 13"),
        (["Sec-WebSocket-Key": []], 400, "missing Sec-WebSocket-Key header"),
        (
            ["Sec-WebSocket-Key": ["x"]], 400,
            "invalid Sec-WebSocket-Key header \"x\": it is not the base64 form of 16 bytes"
        ),
        (["Sec-WebSocket-Protocol": ["a, a"]], 400, "the subprotocol \"a\" is offered twice"),
        (["Sec-WebSocket-Protocol": ["a;b"]], 400, "invalid Sec-WebSocket-Protocol header: \"a;b\" is not a token"),
        (
            ["Sec-WebSocket-Extensions": ["a;"]], 400,
            "invalid Sec-WebSocket-Extensions header: expected token at 2 in \"a;\""
        ),
    ]

    @Test(
        "a request that breaks a rule gets the status and the sentence for it (H1, H3, H5, H14, D13)", arguments: broken
    )
    func refuses(changes: [String: [String]], status: Int, text: String) throws {
        let refusal = try #require(refusal(try evaluate(changes)))
        #expect(refusal.response.status == status)
        #expect(refusal.failure.description == text)
        #expect(refusal.failure.responseStatus == status)
        #expect(refusal.response.fields.first("Sec-WebSocket-Version") == (text.contains("-Version") ? "13" : nil))
        #expect(refusal.response.fields.first("Upgrade") == (status == 426 ? "websocket" : nil))
        #expect(refusal.response.fields.containsToken("close", in: "Connection"))
        #expect(String(decoding: refusal.body, as: UTF8.self).contains(text))
    }

    @Test("another method is 405, also HEAD and in lower case (HS-02)", arguments: ["POST", "HEAD", "get", "CONNECT"])
    func refusesMethods(method: String) throws {
        let refusal = try #require(
            refusal(try ServerHandshake().evaluate(.handshake(method: method), announcesBody: false)))
        #expect(refusal.response.status == 405)
        #expect(refusal.response.fields.first("Allow") == "GET")
        #expect(refusal.failure.description == "the method is \"\(method)\", and an opening handshake uses GET")
    }

    @Test("HTTP/1.0 is 505 (HS-03)")
    func refusesOldHTTP() throws {
        let refusal = try #require(
            refusal(try ServerHandshake().evaluate(.handshake(version: .http10), announcesBody: false)))
        #expect(refusal.response.status == 505)
        #expect(refusal.failure.description == "the request is HTTP/1.0, and an opening handshake needs HTTP/1.1")
    }

    @Test("a body is refused (H12)")
    func refusesBody() throws {
        let refusal = try #require(refusal(try ServerHandshake().evaluate(.handshake(), announcesBody: true)))
        #expect(refusal.response.status == 400)
        #expect(refusal.failure.description == "the request announces a body, which an opening handshake does not have")
    }

    @Test(
        "an ordinary request is not an upgrade, with an answer for servers that have no other (HS-04)",
        arguments: [
            ("GET", .http11, [], 426), ("GET", .http11, ["h2c"], 426), ("POST", .http11, [], 405),
            ("GET", .http10, [], 505),
        ]
            as [(String, HTTPVersion, [String], Int)]
    )
    func recognisesOrdinaryRequests(method: String, version: HTTPVersion, upgrade: [String], status: Int) throws {
        let request = try RequestHead.handshake(
            method: method, version: version,
            ["Upgrade": upgrade, "Connection": [], "Sec-WebSocket-Key": [], "Sec-WebSocket-Version": []])
        guard case .notAnUpgrade(let refusal) = try ServerHandshake().evaluate(request, announcesBody: false) else {
            Issue.record("taken for a handshake")
            return
        }
        #expect(refusal.response.status == status)
    }

    @Test("a key or the word websocket makes it a handshake, so that a lost header is diagnosed")
    func recognisesHandshakes() throws {
        #expect(refusal(try evaluate(["Upgrade": [], "Connection": []])) != nil)
        #expect(refusal(try evaluate(["Sec-WebSocket-Key": []])) != nil)
    }

    @Test("only hosts that are allowed are served (RFC 9110 §7.4)")
    func checksAllowedHosts() throws {
        let server = try ServerHandshake(allowedHosts: [HostPattern("example.com"), HostPattern("*.example.com")])
        guard case .accepted = try evaluate(["Host": ["Example.com:8080"]], server) else {
            Issue.record("refused")
            return
        }
        let refusal = try #require(refusal(try evaluate(["Host": ["rebound.evil"]], server)))
        #expect(refusal.response.status == 421)
        #expect(refusal.failure.description == "this server does not answer for the host \"rebound.evil\"")
    }

    @Test("the host of a target in absolute form is checked beside Host (RFC 9112 §3.2.2)")
    func checksAbsoluteTargets() throws {
        let server = try ServerHandshake(allowedHosts: [HostPattern("server.example.com")])
        var request = try RequestHead.handshake()
        request.target = "http://server.example.com/chat"
        guard case .accepted = server.evaluate(request, announcesBody: false) else {
            Issue.record("refused")
            return
        }
        request.target = "http://evil/chat"
        #expect(refusal(server.evaluate(request, announcesBody: false))?.response.status == 421)
        request.target = "http://a b/chat"
        #expect(refusal(server.evaluate(request, announcesBody: false))?.response.status == 400)
    }

    @Test("origins are checked when they are configured")
    func checksOrigins() throws {
        let server = try ServerHandshake(origins: Origins([try OriginPattern("http://a")]))
        #expect(refusal(try evaluate(["Origin": ["http://b"]], server))?.response.status == 403)
        #expect(refusal(try evaluate(["Origin": ["http://a"]], server)) == nil)
    }

    @Test("subprotocols are agreed on when they are configured")
    func choosesSubprotocol() throws {
        let server = try ServerHandshake(subprotocols: Subprotocols(["b", "a"]))
        #expect(refusal(try evaluate([:], server))?.response.status == 400)
        guard case .accepted(let acceptance) = try evaluate(["Sec-WebSocket-Protocol": ["a, b"]], server) else {
            Issue.record("refused")
            return
        }
        #expect(acceptance.subprotocol == "b")
    }

    @Test("the first of the client's offers that any extension takes is accepted, the others are declined")
    func negotiatesExtensions() throws {
        let server = try ServerHandshake(extensions: [
            NamedExtension(.init("x")), NamedExtension(.init("y", [.init("p")])),
        ])
        for (offer, expected) in [("z, y; p, x", "y"), ("y, x", "x"), ("y", nil)] {
            guard case .accepted(let acceptance) = try evaluate(["Sec-WebSocket-Extensions": [offer]], server) else {
                Issue.record("refused")
                return
            }
            #expect(acceptance.acceptedExtension?.description.name == expected)
        }
    }

    @Test("a Server header that cannot be sent is found when it is configured")
    func checksServerHeader() throws {
        #expect(throws: HandshakeMisuse.header(.value(name: "Server"))) { try ServerHandshake(serverHeader: "a\n") }
        #expect(try ServerHandshake(serverHeader: "x").serverHeader == "x")
    }

    @Test("no odd character at any place of any header traps, and no such key or version is accepted")
    func survivesEveryCharacter() throws {
        let server = try ServerHandshake(
            subprotocols: Subprotocols(["a"], policy: .optional),
            origins: Origins([try OriginPattern("http://*.a:*")], check: .whenSent),
            extensions: [NamedExtension(.init("x"))], allowedHosts: [HostPattern("*.a")])
        let values = [
            "Host": "b.a:80", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://b.a:80",
            "Sec-WebSocket-Protocol": "a, b", "Sec-WebSocket-Extensions": "x; b=\"c\", d",
        ]
        let characters = "\t \"#%*,./0:;=?@Z[\\]a~\u{80}\u{FF}".unicodeScalars
        for (name, value) in values {
            for cut in value.indices {
                for character in characters {
                    let changed = value[..<cut] + String(character) + value[cut...].dropFirst()
                    let decision = server.evaluate(
                        try .handshake(changes(["Host": "b.a"], name, String(changed))), announcesBody: false)
                    guard case .accepted(let acceptance) = decision else { continue }
                    #expect(name != "Sec-WebSocket-Version" || changed == "13")
                    #expect(try acceptance.response().status == 101)
                }
                _ = server.evaluate(
                    try .handshake(changes(["Host": "b.a"], name, String(value[..<cut]))), announcesBody: false)
            }
        }
    }

    private func changes(_ base: [String: String], _ name: String, _ value: String) -> [String: [String]] {
        base.merging([name: value]) { $1 }.mapValues { [$0] }
    }

    private func evaluate(
        _ changes: [String: [String]], _ server: ServerHandshake? = nil
    ) throws -> HandshakeDecision {
        try (server ?? ServerHandshake()).evaluate(.handshake(changes), announcesBody: false)
    }

    private func refusal(_ decision: HandshakeDecision) -> HandshakeRefusal? {
        guard case .refused(let refusal) = decision else { return nil }
        return refusal
    }
}
