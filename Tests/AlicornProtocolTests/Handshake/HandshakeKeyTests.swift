// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HandshakeKeyTests {
    @Test("the accept value of RFC 6455 §1.3")
    func accepts() throws {
        let key = try HandshakeKey(in: .handshake())
        #expect(key.text == "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(key.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        var written: [UInt8] = []
        written.append(addingCapacity: 28) { key.appendAccept(to: &$0) }
        #expect(String(decoding: written, as: UTF8.self) == key.accept)
    }

    @Test("a client's key is 16 bytes of its generator")
    func generates() {
        var generator = CountingGenerator()
        #expect(HandshakeKey(using: &generator).text == "AQIDBAUGBwgJCgsMDQ4PEA==")
        #expect(HandshakeKey(using: &generator).text == "ERITFBUWFxgZGhscHR4fIA==")
    }

    @Test(
        "anything but one key of 16 bytes is refused (HS-05, H3)",
        arguments: [
            ([], "missing Sec-WebSocket-Key header"),
            (
                ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="],
                "more than one Sec-WebSocket-Key header"
            ),
            ([""], invalid("")), (["SGVsbG8sIHdvcmxkIQ=="], invalid("SGVsbG8sIHdvcmxkIQ==")),
            (["dGhlIHNhbXBsZSBub25jZQ"], invalid("dGhlIHNhbXBsZSBub25jZQ")),
            (["dGhlIHNhbXBsZSBub25jZSE="], invalid("dGhlIHNhbXBsZSBub25jZSE=")),
            (["dGhlIHNhbXBsZSBub25j ZQ=="], invalid("dGhlIHNhbXBsZSBub25j ZQ==")),
        ]
    )
    func refuses(values: [String], text: String) throws {
        let request = try RequestHead.handshake(["Sec-WebSocket-Key": values])
        let failure = #expect(throws: HandshakeFailure.self) { try HandshakeKey(in: request) }
        #expect(failure?.description == text)
    }

    static func invalid(_ value: String) -> String {
        "invalid Sec-WebSocket-Key header \"\(value)\": it is not the base64 form of 16 bytes"
    }
}
