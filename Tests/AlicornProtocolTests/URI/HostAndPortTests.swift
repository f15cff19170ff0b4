// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HostAndPortTests {
    @Test("host and port as text, an IPv6 address in brackets")
    func text() {
        #expect(HostAndPort.text(host: "example.com", port: 80) == "example.com:80")
        #expect(HostAndPort.text(host: "::1", port: 443) == "[::1]:443")
    }

    @Test(
        "the values that a Host header may have (RFC 9112 §3.2)",
        arguments: [
            ("example.com", "example.com", nil), ("Example.COM:8080", "example.com", 8080),
            ("example.com:", "example.com", nil),
            ("[::1]", "[::1]", nil), ("[0:0::1]:80", "[::1]", 80), ("127.0.0.1:65535", "127.0.0.1", 65535),
            ("a_b.local:00080", "a_b.local", 80), ("x%41!", "x%41!", nil), ("127.1", "127.1", nil), ("a,b", "a,b", nil),
        ] as [(String, String, Int?)]
    )
    func reads(value: String, host: String, port: Int?) throws {
        let parsed = try HostAndPort(header: value.utf8)
        #expect(parsed.host.bracketed == host.lowercased())
        #expect(parsed.port == port)
    }

    @Test(
        "the values that it may not have",
        arguments: [
            ("", .empty), (":80", .empty), ("a:0", .port("0")), ("a:65536", .port("65536")), ("a:x", .port("x")),
            ("a:123456789012345678901234567890", .port("123456789012345678901234567890")), ("a:+1", .port("+1")),
            ("::1", .colons("::1")), ("a:1:2", .colons("a:1:2")), ("[::1", .colons("[::1")),
            ("[::1]x", .unclosedBracket),
            ("a b", .characters("a b")), ("a/b", .characters("a/b")), ("u@h", .characters("u@h")),
            ("a, b", .characters("a, b")), ("a%4", .characters("a%4")), ("é", .characters("é")),
        ] as [(String, InvalidHost)]
    )
    func refuses(value: String, fault: InvalidHost) {
        #expect(throws: fault) { try HostAndPort(header: value.utf8) }
    }

    @Test(
        "what is plain can be read, and need not be",
        arguments: [
            ("example.com", true), ("127.0.0.1:8765", true), ("A-1.b:1", true), ("a:00080", true), ("a:65535", true),
            ("", false), (":80", false), ("a:", false), ("a:0", false), ("a:00000", false), ("a:65536", false),
            ("a:123456", false), ("a:8x", false), ("a:1:2", false), ("a_b", false), ("[::1]", false), ("x%41", false),
        ]
    )
    func plain(value: String, isPlain: Bool) {
        #expect(HostAndPort.isPlain(bytes(value).span) == isPlain)
        if isPlain { #expect(throws: Never.self) { try HostAndPort(header: value.utf8) } }
    }

    @Test("the HTTP parser, which checks without allocating, lets all that pass", arguments: agreed)
    func agreesWithParser(value: String, isHost: Bool) {
        let bytes = Array(value.utf8)
        #expect(HostSyntax.isHost(0..<bytes.count, in: bytes.span, port: .optional) == isHost)
        #expect(((try? HostAndPort(header: bytes)) != nil) == isHost)
    }

    static let agreed: [(String, Bool)] = [
        ("example.com:80", true), ("[::1]:80", true), ("[1:2:3:4:5:6:1.2.3.4]", true), ("[::]", true), ("[1::]", true),
        ("a:", true), ("x%41", true), ("", false), (":80", false), ("a:65536", false), ("a:x", false), ("::1", false),
        ("[::1", false), ("[::1]x", false), ("[:::]", false), ("[1::2::3]", false), ("[1:2:3:4:5:6:7]", false),
        ("[::1.2.3]", false), ("[::1%25x]", false), ("a%4", false), ("u@h", false), ("a b", false),
        ("[1:2:3:4:5:6:7::]", true), ("[1:2:3:4::5:6:7:8]", false), ("[]", false),
    ]
}
