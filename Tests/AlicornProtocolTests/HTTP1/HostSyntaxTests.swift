// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HostSyntaxTests {
    private func isHost(_ host: String, port: HostSyntax.Port = .optional) -> Bool {
        let bytes = bytes(host)
        return HostSyntax.isHost(0..<bytes.count, in: bytes.span, port: port)
    }

    @Test(
        "hosts with and without a port (RFC 3986 §3.2.2)",
        arguments: [
            "a", "a.example", "a.example:80", "a:", "a:65535", "127.0.0.1:8000", "a_b-c~!$&'()*+,;=", "%C3%a9.example",
            "[::]", "[::1]:80", "[1:2:3:4:5:6:7:8]", "[1::]", "[1::8]", "[abcd:EF01::1]", "[::ffff:1.2.3.4]",
            "[1:2:3:4:5:6:1.2.3.4]", "[2001:db8::255.255.255.255]", "[v1.a:b]", "[VF0.~]", "[::2:3:4:5:6:7:8]",
        ]
    )
    func accepts(host: String) {
        #expect(isHost(host))
    }

    @Test(
        "what is not a host with or without a port",
        arguments: [
            "", ":", ":80", "a:b", "a:80:80", "a:65536", "a:-1", "a:99999999999999999999999999", "a/b", "a@b", "a b",
            "é", "a%", "a%4", "a%zz", "a,b@", "http://a", "[", "[]", "[::1", "[::1]a", "[::1]:x", "::1", "[1]",
            "[:1::]",
            "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[:::]", "[12345::]", "[g::]", "[1:]", "[::1:]",
            "[1:2:3:4:5:6:7:8::9]", "[::1.2.3]", "[::1.2.3.4.5]", "[::1.2.3.256]", "[::1.2.3.04]", "[::1.2.3.]",
            "[::1.2.3.4:5]", "[::1.2.3.4444]", "[1.2.3.4]", "[v.a]", "[v1]", "[v1.]", "[v1.a/b]", "[fe80::1%25eth0]",
            "a\tb",
        ]
    )
    func refuses(host: String) {
        #expect(!isHost(host))
    }

    @Test("a scheme is of letters, digits, plus, minus and dot (RFC 3986 §3.1)")
    func scheme() {
        #expect(
            (0...UInt8.max).filter(\.isSchemeCharacter) == Array("+-.".utf8)
                + (0...UInt8.max).filter {
                    Character(Unicode.Scalar($0)).isASCII && ($0.isDigit || $0.isLetter)
                })
    }

    @Test("a port that is required is not empty and not 0 (RFC 9110 §9.3.6)")
    func port() {
        #expect(isHost("a:1", port: .required))
        #expect(!isHost("a", port: .required))
        #expect(!isHost("a:", port: .required))
        #expect(!isHost("a:0", port: .required))
        #expect(isHost("a:0"))
    }
}
