// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct PercentEncodingTests {
    @Test("escapes are resolved in either case")
    func decodes() {
        #expect(PercentEncoding.decode(Array("a%2fB%2F%00".utf8)[...]) == Array("a/B/\0".utf8))
        #expect(PercentEncoding.decode([]) == [])
    }

    @Test("a percent sign without two hexadecimal digits is refused", arguments: ["%", "a%2", "%zz", "%2g", "%%41"])
    func refuses(text: String) {
        #expect(PercentEncoding.decode(Array(text.utf8)[...]) == nil)
        #expect(PercentEncoding.firstBrokenEscape(in: Array(text.utf8)[...]) == (text == "a%2" ? 1 : 0))
        #expect(PercentEncoding.firstBrokenEscape(in: Array("%41".utf8)[...]) == nil)
    }

    @Test("every ASCII character of a path stays or is escaped as RFC 3986 §3.3 says")
    func encodes() {
        let kept = "!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"
        #expect(PercentEncoding.encode(pathOrQuery: Array(kept.utf8)[...]) == kept)
        let escaped = "\"#<>\\^`{|}é"
        let expected = "%22%23%3C%3E%5C%5E%60%7B%7C%7D%C3%A9"
        #expect(PercentEncoding.encode(pathOrQuery: Array(escaped.utf8)[...]) == expected)
    }

    @Test("a path's text is escaped so that it comes back as it was")
    func encodesPath() {
        #expect(PercentEncoding.encode(path: "/a b/%?ä#:@") == "/a%20b/%25%3F%C3%A4%23:@")
    }
}
