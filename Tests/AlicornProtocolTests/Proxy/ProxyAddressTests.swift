// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ProxyAddressTests {
    @Test(
        "an address gives kind, host and port, the kind's default where it gives none (PRX-06)",
        arguments: [
            ("http://proxy.example", .http, "proxy.example", 80, "http://proxy.example:80"),
            ("http://proxy.example/", .http, "proxy.example", 80, "http://proxy.example:80"),
            ("https://proxy.example", .https, "proxy.example", 443, "https://proxy.example:443"),
            ("socks4://proxy.example", .socks4, "proxy.example", 1080, "socks4://proxy.example:1080"),
            ("socks4a://proxy.example", .socks4a, "proxy.example", 1080, "socks4a://proxy.example:1080"),
            ("socks5://proxy.example", .socks5, "proxy.example", 1080, "socks5://proxy.example:1080"),
            ("socks5h://proxy.example", .socks5h, "proxy.example", 1080, "socks5h://proxy.example:1080"),
            ("HTTP://Proxy.Example:3128", .http, "proxy.example", 3128, "http://proxy.example:3128"),
            ("SOCKS5H://[2001:DB8:0::1]:9050/", .socks5h, "2001:db8::1", 9050, "socks5h://[2001:db8::1]:9050"),
            ("http://127.0.0.1:", .http, "127.0.0.1", 80, "http://127.0.0.1:80"),
            ("http://bücher.example", .http, "xn--bcher-kva.example", 80, "http://xn--bcher-kva.example:80"),
            ("proxy.example", .http, "proxy.example", 80, "http://proxy.example:80"),
            ("proxy.example:3128/", .http, "proxy.example", 3128, "http://proxy.example:3128"),
            ("[::1]:3128", .http, "::1", 3128, "http://[::1]:3128"),
        ] as [(String, ProxyAddress.Kind, String, Int, String)]
    )
    func parses(text: String, kind: ProxyAddress.Kind, host: String, port: Int, normal: String) throws {
        let proxy = try ProxyAddress(text)
        #expect(proxy.kind == kind)
        #expect(proxy.host == host)
        #expect(proxy.port == port)
        #expect(proxy.credentials == nil)
        #expect(proxy.description == normal)
        #expect(try ProxyAddress(normal) == proxy)
    }

    @Test("without a scheme an address is of the kind that its place means")
    func withoutScheme() throws {
        #expect(try ProxyAddress("h", withoutScheme: .socks5h) == ProxyAddress("socks5h://h"))
        #expect(try ProxyAddress("http://h", withoutScheme: .socks5h) == ProxyAddress("http://h"))
    }

    @Test(
        "user name and password are decoded, and no description shows them",
        arguments: [
            ("http://ann:secret@h", "ann", "secret"), ("ann:secret@h:80", "ann", "secret"),
            ("socks5://a%40nn:s%3Aecr%2Fet@h", "a@nn", "s:ecr/et"), ("socks4://ann:@h", "ann", ""),
        ]
    )
    func credentials(text: String, username: String, password: String) throws {
        let proxy = try ProxyAddress(text)
        #expect(proxy.credentials == (try BasicCredentials(username: username, password: password)))
        #expect(!proxy.description.contains("@"))
        #expect(proxy.host == "h")
    }

    @Test("names are resolved here for SOCKS 4 and SOCKS 5, and by all other proxies themselves")
    func resolving() {
        #expect(ProxyAddress.Kind.allCases.filter(\.resolvesNamesLocally) == [.socks4, .socks5])
    }

    @Test(
        "what is not the address of a proxy is refused with its reason (PRX-06)",
        arguments: [
            ("ws://h", .scheme("ws")), ("SOCKS://h", .scheme("socks")), ("://h", .scheme("")),
            ("http://h/p", .path), ("http://h//", .path), ("http://h?q", .path), ("http://h/?", .path),
            ("http://h#f", .path), ("h/p", .path), ("http:/h", .path),
            ("", .authority(.host(.empty))), ("http://", .authority(.host(.empty))),
            ("http://:80", .authority(.host(.empty))), ("http://h:0", .authority(.host(.port("0")))),
            ("h:65536", .authority(.host(.port("65536")))), ("http:h", .authority(.host(.port("h")))),
            ("::1", .authority(.host(.colons("::1")))), ("http://[x", .authority(.host(.unclosedBracket))),
            ("http://h\n", .authority(.host(.characters("h\n")))), ("http://u@h", .authority(.missingPassword)),
            ("http://a:b@c:d@h", .authority(.repeatedAt)), ("http://u:%zz@h", .authority(.escape)),
            ("http://u:p p@h", .authority(.character(" "))),
            ("http://u%3Av:p@h", .authority(.credentials(.colonInUsername))),
        ] as [(String, InvalidProxy.Reason)]
    )
    func refuses(text: String, reason: InvalidProxy.Reason) {
        #expect(throws: InvalidProxy(text, reason)) { try ProxyAddress(text) }
    }

    @Test(
        "every reason is a sentence with the address in it",
        arguments: [
            (
                .scheme("ftp"),
                "its scheme is \"ftp\", and has to be one of http, https, socks4, socks4a, socks5, socks5h"
            ),
            (.path, "it has a path, query or fragment"), (.authority(.host(.empty)), "the host is missing"),
        ] as [(InvalidProxy.Reason, String)]
    )
    func describes(reason: InvalidProxy.Reason, explanation: String) {
        #expect(InvalidProxy("x", reason).description == "\"x\" is not the address of a proxy: \(explanation)")
    }

    @Test(
        "no error shows a password, or a piece of one, wherever the address is broken",
        arguments: [
            "http://ann:secret@h:0", "http://ann:secret@h/p", "ftp://ann:secret@h", "http://ann:sec@ret@h",
            "ann:secret@h:0", "ann:secret@h/p", "http://ann:secret/more@h", "ann:secret/more@h", "ann:x://secret@h",
        ]
    )
    func redacts(text: String) throws {
        let error = try #require(throws: InvalidProxy.self) { try ProxyAddress(text) }
        #expect(!error.description.contains("sec") && !error.description.contains("ret"))
        #expect(!"\(error.reason)".contains("sec"))
        #expect(error.address.hasSuffix(text[text.lastIndex(of: "@")!...]))
    }
}
