// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct RequestTargetTests {
    private func isValid(_ method: String, _ target: String) -> Bool {
        let bytes = bytes(method + target)
        let middle = method.utf8.count
        return RequestTarget.isValid(middle..<bytes.count, for: 0..<middle, in: bytes.span)
    }

    @Test(
        "the four forms are accepted with their methods (RFC 9112 §3.2)",
        arguments: [
            ("GET", "/"), ("GET", "/a/b?c=d&e"), ("GET", "//a"), ("GET", "/%2e%2E/|^[]{}\"<>\\`"), ("POST", "/*"),
            ("OPTIONS", "/"), ("OPTIONS", "*"), ("GET", "http://a"), ("GET", "http://a:80/b?c"),
            ("GET", "HTTP://[::1]?x"),
            ("GET", "ws+x-1.0://a/"), ("CONNECT", "a:443"), ("CONNECT", "[::1]:1"),
        ]
    )
    func accepts(method: String, target: String) {
        #expect(isValid(method, target))
    }

    @Test(
        "other forms, and forms of other methods, are refused",
        arguments: [
            ("GET", ""), ("GET", "*"), ("OPTIONS", "**"), ("GET", "a"), ("GET", "a:80"), ("GET", "/a#b"),
            ("GET", "/\u{7F}"),
            ("GET", "/é"), ("GET", "/a b"), ("GET", "http:/a"), ("GET", "http:a"), ("GET", "://a"),
            ("GET", "1http://a"),
            ("GET", "http://"), ("GET", "http:///a"), ("GET", "http://u@a/"), ("GET", "http://a:x/"),
            ("GET", "urn:a:b"),
            ("CONNECT", "/"), ("CONNECT", "a"), ("CONNECT", "a:"), ("CONNECT", "a:0"), ("CONNECT", "http://a:80"),
            ("CONNECT", "a:65536"), ("GET", "?a"), ("GET", "http"),
        ]
    )
    func refuses(method: String, target: String) {
        #expect(!isValid(method, target))
    }

    @Test(
        "path and query, and the authority, come from the target where it has them (RFC 9112 §3.2.2, §3.3)",
        arguments: [
            ("GET", "/a?b=http://c", "/a?b=http://c", "host"), ("GET", "http://a:80/b?c", "/b?c", "a:80"),
            ("GET", "http://a", "/", "a"), ("GET", "http://a?b", "/?b", "a"), ("OPTIONS", "*", "", "host"),
            ("CONNECT", "a:443", "", "a:443"),
        ]
    )
    func splits(method: String, target: String, pathAndQuery: String, authority: String) throws {
        var head = RequestHead(method: method, target: target)
        try head.fields.append(name: "Host", value: "host")
        #expect(head.pathAndQuery == pathAndQuery)
        #expect(head.authority == authority)
    }

    @Test("without Host and in origin form there is no authority")
    func noAuthority() {
        #expect(RequestHead(method: "GET", target: "/").authority == nil)
    }
}
