// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct WebSocketURITests {
    @Test(
        "an address gives host, port, resource name and Host header (URI-01, URI-03, HC-04)",
        arguments: [
            ("ws://example.com", "example.com", 80, "/", "example.com"),
            ("wss://example.com", "example.com", 443, "/", "example.com"),
            ("WS://Example.COM/", "example.com", 80, "/", "example.com"),
            ("wSs://example.com:443/a", "example.com", 443, "/a", "example.com"),
            ("ws://example.com:443", "example.com", 443, "/", "example.com:443"),
            ("wss://example.com:80", "example.com", 80, "/", "example.com:80"),
            ("ws://example.com:", "example.com", 80, "/", "example.com"),
            ("ws://example.com:00081", "example.com", 81, "/", "example.com:81"),
            ("ws://example.com:65535", "example.com", 65535, "/", "example.com:65535"),
            ("ws://[::1]/", "::1", 80, "/", "[::1]"),
            ("wss://[2001:DB8:0::1]:8443", "2001:db8::1", 8443, "/", "[2001:db8::1]:8443"),
            ("ws://127.0.0.1:9001/", "127.0.0.1", 9001, "/", "127.0.0.1:9001"),
            ("ws://h?q", "h", 80, "/?q", "h"),
            ("ws://h/?", "h", 80, "/?", "h"),
            ("ws://h/a/b;p=1/../c?x=1&y=/?:@", "h", 80, "/a/b;p=1/../c?x=1&y=/?:@", "h"),
            ("ws://h//a", "h", 80, "//a", "h"),
            ("ws://h/a%20b%2fc?%41", "h", 80, "/a%20b%2fc?%41", "h"),
            ("ws://h/?id[]=1", "h", 80, "/?id[]=1", "h"),
            ("ws://h/a@b:c", "h", 80, "/a@b:c", "h"),
            (#"ws://h/?f={"a":"<b>|`^\"}"#, "h", 80, "/?f=%7B%22a%22:%22%3Cb%3E%7C%60%5E%5C%22%7D", "h"),
        ]
    )
    func parses(text: String, host: String, port: Int, resourceName: String, hostHeader: String) throws {
        let uri = try WebSocketURI(text)
        #expect(uri.isSecure == text.lowercased().hasPrefix("wss"))
        #expect(uri.host == host)
        #expect(uri.port == port)
        #expect(uri.resourceName == resourceName)
        #expect(uri.hostHeader == hostHeader)
        #expect(uri.username == nil && uri.password == nil)
    }

    @Test(
        "IRIs: existing escapes are not encoded again (URI-05, D17)",
        arguments: [
            ("ws://bücher.example/é%20x?ü=%C3%BC", "ws://xn--bcher-kva.example/%C3%A9%20x?%C3%BC=%C3%BC"),
            ("wss://日本語。jp:8443/路", "wss://xn--wgv71a119e.jp:8443/%E8%B7%AF"),
            ("ws://h/\u{A0}", "ws://h/%C2%A0"),
            ("ws://ex%61mple.com/%7e", "ws://example.com/%7e"),
        ]
    )
    func parsesIRIs(text: String, normal: String) throws {
        let uri = try WebSocketURI(text)
        #expect(uri.description == normal)
        #expect(try WebSocketURI(normal) == uri)
    }

    @Test(
        "user information is percent-decoded as UTF-8 (URI-04)",
        arguments: [
            ("ws://user:password@h", "user", "password"), ("ws://us%40er:p%3Aw%2F@h/", "us@er", "p:w/"),
            ("ws://user:@h", "user", ""), ("ws://:pw@h", "", "pw"), ("ws://u:a:b@h", "u", "a:b"),
            ("ws://j%C3%BCrgen:ä@h:1", "jürgen", "ä"), ("ws://u:!$&'()*+,;=-._~@h", "u", "!$&'()*+,;=-._~"),
        ]
    )
    func decodesUserInformation(text: String, username: String, password: String) throws {
        let uri = try WebSocketURI(text)
        #expect(uri.username == username)
        #expect(uri.password == password)
        #expect(uri.host == "h")
        #expect(!uri.description.contains("@"))
    }

    @Test("an address is the same with other credentials, or none")
    func credentials() throws {
        let uri = try WebSocketURI("ws://ann:secret@h/p?q")
        let others = try BasicCredentials(username: "bob", password: "")
        #expect(uri.with(others).username == "bob")
        #expect(uri.with(others).description == uri.description)
        #expect(uri.with(nil) == (try WebSocketURI("ws://h/p?q")))
    }

    @Test("an address is the same with another path")
    func otherPath() throws {
        #expect(try WebSocketURI("ws://h/a?q").with(path: "/b").resourceName == "/b?q")
    }

    @Test("path, query and authority are apart")
    func members() throws {
        let uri = try WebSocketURI("wss://[::1]/chat?room=1")
        #expect(uri.path == "/chat")
        #expect(uri.query == "room=1")
        #expect(uri.authority == "[::1]:443")
        #expect(uri.description == "wss://[::1]/chat?room=1")
        #expect(try WebSocketURI("ws://h/chat").query == nil)
    }

    @Test(
        "what is not an address is refused with its reason (URI-02, C8, D17)",
        arguments: [
            ("", .missingScheme), ("example.com", .missingScheme), ("ws:", .missingScheme), ("ws:/h", .missingScheme),
            ("ws:h", .missingScheme), ("//h", .missingScheme), ("localhost:80", .missingScheme), ("://h", .scheme("")),
            ("http://h", .scheme("http")), ("HTTPS://h", .scheme("https")), ("wsss://h", .scheme("wsss")),
            ("ws://", .host(.empty)), ("ws:///path", .host(.empty)), ("ws://?q", .host(.empty)),
            ("ws://:80", .host(.empty)),
            ("ws://h#", .fragment), ("ws://h/p#f", .fragment), ("ws://h/?q#f", .fragment), ("ws://#", .fragment),
            ("ws://h/a b", .character(" ")), (" ws://h", .character(" ")), ("ws://h\n", .character("\n")),
            ("ws://h/\r\nX: y", .character("\r")), ("ws://h/\0", .character("\0")),
            ("ws://h/\u{7F}", .character("\u{7F}")),
            ("ws://h/%", .escape), ("ws://h/%2", .escape), ("ws://h/%zz", .escape), ("ws://h/?%", .escape),
            ("ws://h:0", .host(.port("0"))), ("ws://h:65536", .host(.port("65536"))), ("ws://h:x", .host(.port("x"))),
            ("ws://h:-1", .host(.port("-1"))), ("ws://h:99999999999999999999", .host(.port("99999999999999999999"))),
            ("ws://::1", .host(.colons("::1"))), ("ws://h:1:2", .host(.colons("h:1:2"))),
            ("ws://[fe80::1%25eth0]", .host(.zone)), ("ws://[::1]x", .host(.unclosedBracket)),
            ("ws://[x]", .host(.notIPv6("x"))), ("ws://1.2.3", .host(.notIPv4("1.2.3"))),
            ("ws://a\\b", .host(.characters("a\\b"))), ("ws://h%2Fx", .host(.characters("h/x"))),
            ("ws://user@h", .missingPassword), ("ws://@h", .missingPassword), ("ws://a:b@c:d@h", .repeatedAt),
            ("ws://u:pa/ss@h", .lateAt), ("ws://u:p?ss@h", .lateAt), ("ws:///@", .lateAt),
            ("ws://u:%zz@h", .escape), ("ws://u:%FF@h", .escape), ("ws://%u:p@h", .escape),
            ("ws://h\\@evil:x@h", .repeatedAt), ("ws://h\\:x@evil", .character("\\")), ("ws://u:[@h", .character("[")),
            ("ws://u%3Av:p@h", .credentials(.colonInUsername)), ("ws://u:%0A@h", .credentials(.controlCharacter)),
        ] as [(String, InvalidURI.Reason)]
    )
    func refuses(text: String, reason: InvalidURI.Reason) {
        #expect(throws: InvalidURI(text, reason)) { try WebSocketURI(text) }
    }
}
