// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HostNameTests {
    @Test("a name is the same host without the dot of the root", arguments: [("h.example.", "h.example"), ("h", "h")])
    func withoutRoot(text: String, name: String) throws {
        #expect(try HostName(iri: Array(text.utf8)[...]).withoutRoot == name)
    }

    @Test(
        "hosts of URIs and IRIs become what the DNS knows",
        arguments: [
            ("example.com", "example.com"), ("EXAMPLE.com.", "example.com."), ("my_host-1~x", "my_host-1~x"),
            ("ex%61mple.com", "example.com"), ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example"), ("b%C3%BCcher.example", "xn--bcher-kva.example"),
            ("日本語。jp", "xn--wgv71a119e.jp"), ("日本語\u{FF61}日本語\u{FF0E}jp", "xn--wgv71a119e.xn--wgv71a119e.jp"),
            ("straße.de", "xn--strae-oqa.de"), ("☕.example", "xn--53h.example"), ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4.", "1.2.3.4."),
            ("3com.com", "3com.com"), ("a$b", "a$b"),
        ]
    )
    func readsIRIHosts(text: String, expected: String) throws {
        let host = try HostName(iri: Array(text.utf8)[...])
        #expect(host.text == expected)
        #expect(host.bracketed == expected)
        #expect(!host.isIPv6)
    }

    @Test("an IPv6 address stands in brackets and is kept without")
    func readsIPv6() throws {
        for host in [try HostName(iri: Array("[0:0::1]".utf8)[...]), try HostName(header: Array("[0:0::1]".utf8)[...])]
        {
            #expect(host.text == "::1")
            #expect(host.bracketed == "[::1]")
            #expect(host.isIPv6)
        }
    }

    static let longLabel = String(repeating: "a", count: 64)
    static let longUnicodeLabel = String(repeating: "ü", count: 64)
    static let longName = String(repeating: "abcdefg.", count: 32)

    @Test(
        "what cannot be connected to is refused with the reason",
        arguments: [
            ("", .empty), ("[::1", .unclosedBracket), ("[fe80::1%25eth0]", .zone), ("[1.2.3.4]", .notIPv6("1.2.3.4")),
            ("[v1.x]", .notIPv6("v1.x")), ("127.1", .notIPv4("127.1")), ("256.0.0.1", .notIPv4("256.0.0.1")),
            ("0x7f.1", .notIPv4("0x7f.1")), ("0x7f000001", .notIPv4("0x7f000001")),
            ("2130706433", .notIPv4("2130706433")),
            (".", .emptyLabel(".")), ("a..b", .emptyLabel("a..b")), (".a", .emptyLabel(".a")),
            ("a%20b", .characters("a b")), ("a%00", .characters("a\0")), ("a%2Fb", .characters("a/b")),
            ("a%zz", .characters("a%zz")), ("%FF", .characters("%FF")), ("a\\b", .characters("a\\b")),
            ("ü b", .characters("ü b")), ("ü\u{AD}", .characters("ü\u{AD}")), ("ü\u{3000}", .characters("ü\u{3000}")),
            ("ｅｘ", .characters("ｅｘ")), (longLabel, .tooLong(longLabel)), (longName, .tooLong(longName)),
            (longUnicodeLabel, .tooLong(longUnicodeLabel)),
        ] as [(String, InvalidHost)]
    )
    func refuses(text: String, fault: InvalidHost) {
        #expect(throws: fault) { try HostName(iri: Array(text.utf8)[...]) }
    }

    @Test("a header's host is ASCII, and any registered name goes (RFC 3986 §3.2.2)")
    func readsHeaderHosts() throws {
        #expect(try HostName(header: Array("My.Host".utf8)[...]).text == "my.host")
        #expect(throws: InvalidHost.empty) { try HostName(header: []) }
        #expect(throws: InvalidHost.characters("a%")) { try HostName(header: Array("a%".utf8)[...]) }
        #expect(throws: InvalidHost.unclosedBracket) { try HostName(header: Array("[".utf8)[...]) }
        #expect(throws: InvalidHost.characters("ü")) { try HostName(header: Array("ü".utf8)[...]) }
    }

    @Test(
        "every fault is the end of a sentence",
        arguments: [
            (.empty, "is missing"), (.unclosedBracket, "begins with [ and does not end with ]"),
            (.colons("::1"), "\"::1\" holds colons: write an IPv6 address in brackets"),
            (.zone, "is an IPv6 address with a zone, which has no meaning for the peer"),
            (.notIPv6("x"), "\"x\" is not an IPv6 address"),
            (.notIPv4("1"), "\"1\" ends in a number but is not an IPv4 address of four decimal numbers"),
            (.emptyLabel("a..b"), "\"a..b\" has an empty label"),
            (.tooLong("x"), "\"x\" is too long: a label has at most 63 bytes, a name 253"),
            (.characters("a b"), "\"a b\" holds characters that no host name has"),
            (.port("0"), "has the port \"0\"; ports go from 1 to 65535"),
        ] as [(InvalidHost, String)]
    )
    func describes(fault: InvalidHost, text: String) {
        #expect(fault.description == text)
    }
}
