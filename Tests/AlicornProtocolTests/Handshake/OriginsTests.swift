// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct OriginsTests {
    @Test(
        "origins are compared by scheme, host and port (ORG-02, H9)",
        arguments: [
            ("https://example.com", "https://example.com", true), ("https://example.com", "HTTPS://EXAMPLE.COM", true),
            ("HTTPS://Example.com", "https://example.com", true),
            ("https://example.com", "https://example.com:443", true),
            ("https://example.com:443", "https://example.com", true),
            ("http://example.com:80", "http://example.com", true),
            ("https://example.com", "http://example.com", false),
            ("https://example.com", "https://example.com:8443", false),
            ("https://example.com", "https://www.example.com", false),
            ("https://example.com", "https://example.com.evil", false),
            ("https://example.com", "https://example.com@evil", false),
            ("https://example.com", "https://example.com/", false),
            ("https://example.com", "https://example.co", false), ("https://example.com", "null", false),
            ("https://example.com", "", false), ("https://example.com", "example.com", false),
            ("https://example.com", "https://a https://example.com", false),
            ("https://example.com", "://example.com", false),
            ("https://*.example.com", "https://a.b.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("https://*.example.com", "https://a.example.com:444", false),
            ("https://*.example.com", "https://xexample.com", false),
            ("http://localhost:*", "http://localhost", true), ("http://localhost:*", "http://localhost:5173", true),
            ("http://localhost:*", "https://localhost:5173", false),
            ("http://localhost:*", "http://localhost:0", false),
            ("http://[::1]:8000", "http://[0:0::1]:8000", true), ("http://[::1]:8000", "http://[::1]", false),
            ("https://bücher.de", "https://xn--bcher-kva.de", true), ("null", "null", true),
            ("null", "https://example.com", false),
            ("chrome-extension://abcdef", "chrome-extension://abcdef", true), ("app://x", "app://x:80", false),
            ("file://", "file://", true), ("file://", "file://x", false), ("file://x", "file://", false),
        ]
    )
    func compares(pattern: String, origin: String, isAllowed: Bool) throws {
        let origins = Origins([try OriginPattern(pattern)])
        let request = try RequestHead.handshake(["Origin": [origin]])
        if isAllowed {
            try origins.validate(request)
        } else {
            let failure = #expect(throws: HandshakeFailure.self) { try origins.validate(request) }
            #expect(failure?.responseStatus == 403)
        }
    }

    @Test("one of several patterns is enough")
    func anyOf() throws {
        let origins = Origins([.absent, try OriginPattern("null"), try OriginPattern("http://a")])
        try origins.validate(.handshake(["Origin": ["http://a"]]))
        try origins.validate(.handshake())
    }

    @Test("a request without an origin is refused unless that is allowed")
    func missing() throws {
        let pattern = try OriginPattern("http://a")
        let failure = #expect(throws: HandshakeFailure.self) { try Origins([pattern]).validate(.handshake()) }
        #expect(failure?.description == "missing Origin header")
        #expect(failure?.responseStatus == 403)
        try Origins([pattern], check: .whenSent).validate(.handshake())
        #expect(throws: HandshakeFailure.self) {
            try Origins([pattern, .absent], check: .whenSent).validate(.handshake(["Origin": ["http://b"]]))
        }
    }

    @Test("several origins are 400 (ORG-03)")
    func several() throws {
        let origins = Origins([try OriginPattern("http://a")])
        let failure = #expect(throws: HandshakeFailure.self) {
            try origins.validate(.handshake(["Origin": ["http://a", "http://a"]]))
        }
        #expect(failure?.responseStatus == 400)
        #expect(failure?.description == "more than one Origin header")
    }

    @Test(
        "a pattern that is no origin is refused with the reason",
        arguments: [
            ("example.com", ""), ("", ""), ("://x", ""), ("*", ""),
            ("https://example.com/", ": the host \"com/\" holds characters that no host name has"),
            ("https://a*b", ": the host \"a*b\" holds characters that no host name has"),
            ("https://*", ": the host \"*\" holds characters that no host name has"),
            ("https://a:x", ": the host has the port \"x\"; ports go from 1 to 65535"),
            ("https://a:1:2", ": the host \"a:1:2\" holds colons: write an IPv6 address in brackets"),
        ]
    )
    func refusesPatterns(text: String, reason: String) {
        let fault = #expect(throws: InvalidOriginPattern.self) { try OriginPattern(text) }
        #expect(
            fault?.description
                == "\"\(text)\" is not an origin, such as https://example.com or http://localhost:8000\(reason)")
    }
}
