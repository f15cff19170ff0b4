// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HandshakeHeadersTests {
    @Test("fields stand in the order in which they are added, in ISO-8859-1")
    func adds() throws {
        var headers = HandshakeHeaders()
        headers.add(own: "A", "1")
        try headers.add("B", "é")
        headers.add(own: "C", "é")
        headers.add(own: "D", valueLength: 3) { $0.append("de") }
        #expect(headers.fields.lines == ["A: 1", "B: é", "C: é", "D: de"])
    }

    @Test("a program's field that would split the head is refused (H16)")
    func refuses() {
        var headers = HandshakeHeaders()
        #expect(throws: HandshakeMisuse.header(.value(name: "X"))) { try headers.add("X", "a\r\nB: c") }
        #expect(throws: HandshakeMisuse.header(.name("X Y"))) { try headers.add("X Y", "a") }
        #expect(headers.fields.count == 0)
    }

    @Test(
        "what belongs to the handshake is not free, in any case",
        arguments: [
            "Upgrade", "CONNECTION", "content-length", "Transfer-Encoding", "TE", "Trailer", "Sec-WebSocket-Protocol",
            "sec-websocket-accept",
        ]
    )
    func reserves(name: String) {
        #expect(throws: HandshakeMisuse.reservedHeader(name)) { try HandshakeHeaders.checkIsFree(name) }
    }

    @Test("everything else is free", arguments: ["Set-Cookie", "Server", "Sec-Fetch-Mode", "X"])
    func frees(name: String) {
        #expect(throws: Never.self) { try HandshakeHeaders.checkIsFree(name) }
    }
}
