// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct AuthorityTests {
    @Test(
        "an authority gives host and port (RFC 3986 §3.2.2, §3.2.3)",
        arguments: [
            ("example.com", "example.com", nil), ("Example.COM:8080", "example.com", 8080), ("h:", "h", nil),
            ("127.0.0.1:1", "127.0.0.1", 1), ("[::1]", "::1", nil), ("[2001:DB8:0::1]:65535", "2001:db8::1", 65535),
            ("bücher.example", "xn--bcher-kva.example", nil), ("ex%61mple:00080", "example", 80),
        ] as [(String, String, Int?)]
    )
    func parses(text: String, host: String, port: Int?) throws {
        let authority = try Authority(Array(text.utf8)[...])
        #expect(authority.host.text == host)
        #expect(authority.port == port)
        #expect(authority.credentials == nil)
    }

    @Test(
        "user information is percent-decoded as UTF-8 (RFC 3986 §3.2.1, URI-04)",
        arguments: [
            ("user:password@h", "user", "password"), ("us%40er:p%3Aw%2F@h", "us@er", "p:w/"), ("user:@h", "user", ""),
            (":pw@h", "", "pw"), (":@h", "", ""), ("u:a:b@h", "u", "a:b"), ("j%C3%BCrgen:ä@h:1", "jürgen", "ä"),
            ("u:!$&'()*+,;=-._~@h", "u", "!$&'()*+,;=-._~"), ("u:p@[::1]", "u", "p"),
        ]
    )
    func decodesUserInformation(text: String, username: String, password: String) throws {
        let authority = try Authority(Array(text.utf8)[...])
        #expect(authority.credentials == (try BasicCredentials(username: username, password: password)))
    }

    @Test("of a broken address no piece of a password is shown as the port")
    func lateAt() throws {
        let (whole, cut) = (Array("ws://u:p@h:81/@".utf8), Array("ws://u:pa/ss@h".utf8))
        #expect(try Authority(of: WebSocketURI.split(whole)).port == 81)
        #expect(throws: InvalidURI.Reason.lateAt) { try Authority(of: WebSocketURI.split(cut)) }
        #expect(throws: InvalidURI.Reason.host(.port("pa"))) {
            try Authority(of: WebSocketURI.split(Array("ws://u:pa/".utf8)))
        }
    }

    @Test("a piece of a longer text is read by itself")
    func slices() throws {
        let text = Array("ws://u:p@h:81/@".utf8)
        let authority = try Authority(text[5..<13])
        #expect(authority.credentials?.username == "u")
        #expect(authority.host.text == "h")
        #expect(authority.port == 81)
    }

    @Test(
        "what is no authority is refused with its reason (URI-02)",
        arguments: [
            ("", .host(.empty)), (":80", .host(.empty)), ("u:p@", .host(.empty)), ("u:p@:80", .host(.empty)),
            ("h:0", .host(.port("0"))), ("h:65536", .host(.port("65536"))), ("u:p@h:x", .host(.port("x"))),
            ("::1", .host(.colons("::1"))), ("[x", .host(.unclosedBracket)), ("a\\b", .host(.characters("a\\b"))),
            ("user@h", .missingPassword), ("@h", .missingPassword), ("a:b@c:d@h", .repeatedAt), ("@@", .repeatedAt),
            ("a@b@c@d@h", .repeatedAt),
            ("u:%zz@h", .escape), ("u:%FF@h", .escape), ("%u:p@h", .escape), ("%C3:p@h", .escape),
            ("\\:x@h", .character("\\")), ("u:[@h", .character("[")), ("u:p w@h", .character(" ")),
            ("u%3Av:p@h", .credentials(.colonInUsername)), ("u:%0A@h", .credentials(.controlCharacter)),
            ("%00:p@h", .credentials(.controlCharacter)),
        ] as [(String, InvalidURI.Reason)]
    )
    func refuses(text: String, reason: InvalidURI.Reason) {
        #expect(throws: reason) { try Authority(Array(text.utf8)[...]) }
    }
}
