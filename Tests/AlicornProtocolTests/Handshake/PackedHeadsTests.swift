// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Heads in fewer bytes")
struct PackedHeadsTests {
    private static let opening = """
        GET /chat HTTP/1.1\r
        Host: example.com\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        \r

        """

    @Test(
        "any text comes out as it went in",
        arguments: [
            "", "\r", " ", "\r\n", "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "\r\nHost", "a HTTP/1.1\r\nHost: ",
            "\r\nCOOKIE: \u{80}\u{FF}=ü\r\nCookie: ", "\r\n\r\n\r\n\r\nHTTP/1.1 101 Switching Protocol", opening,
        ])
    func roundTrip(text: String) { #expect(unpacked(Array(text.utf8)) == Array(text.utf8)) }

    @Test("so do all single bytes, and each cut of an opening")
    func everyCut() {
        for byte in UInt8.min ... .max { #expect(unpacked([byte, 32, byte, 13, byte]) == [byte, 32, byte, 13, byte]) }
        let opening = Array(Self.opening.utf8)
        for end in opening.indices { #expect(unpacked(Array(opening[..<end])) == Array(opening[..<end])) }
    }

    private func unpacked(_ text: [UInt8]) -> [UInt8] { PackedHeads(text.span).text }

    @Test("an opening takes a third of its bytes")
    func size() {
        let text = Array(Self.opening.utf8)
        #expect(text.count == 283)
        #expect(PackedHeads(text.span).bytes.count == 82)
    }
}
