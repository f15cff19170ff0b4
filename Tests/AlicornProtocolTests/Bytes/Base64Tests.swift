// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct Base64Tests {
    /// RFC 4648 §10, and two that show the last two characters of the alphabet.
    static let vectors: [([UInt8], String)] = [
        ([], ""), (Array("f".utf8), "Zg=="), (Array("fo".utf8), "Zm8="), (Array("foo".utf8), "Zm9v"),
        (Array("foob".utf8), "Zm9vYg=="), (Array("fooba".utf8), "Zm9vYmE="), (Array("foobar".utf8), "Zm9vYmFy"),
        ([0xFB, 0xEF, 0xFF], "++//"), ([0, 0x10, 0x83], "ABCD"),
    ]

    @Test("the vectors of RFC 4648 §10, both ways", arguments: vectors)
    func convertsVectors(bytes: [UInt8], text: String) {
        #expect(Base64.encode(bytes) == text)
        #expect(Base64.decode(text) == bytes)
    }

    @Test("every byte value survives at every length")
    func roundTrips() {
        let all = (UInt8.min...UInt8.max).map { $0 }
        for length in 0...all.count {
            #expect(Base64.decode(Base64.encode(all.prefix(length))) == Array(all.prefix(length)))
        }
    }

    @Test(
        "what an encoder never writes is refused (RFC 4648 §3)",
        arguments: [
            "Z", "Zg", "Zg=", "Zm9", "Zm9vYg", "Z===", "====", "==", "Zg==Zg==", "Zm8=Zm9v", "Z=g=", "Zg==\n", " Zg==",
            "Zm 9v", "Zm9-", "Zm9_", "Zm9é", "Zm9v====", "Zg=a",
        ]
    )
    func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("bits beside the data are ignored (RFC 4648 §3.5)", arguments: [("Zh==", "f"), ("Zm+=", "fo")])
    func ignoresUnusedBits(text: String, expected: String) {
        #expect(Base64.decode(text) == Array(expected.utf8))
    }

    @Test("the key in RFC 6455 §4.1 is read, although it has such bits")
    func readsTheSpecificationsKey() {
        #expect(Base64.decode("AQIDBAUGBwgJCgsMDQ4PEC==") == Array(1...16))
    }

    @Test(
        "16 bytes are told from others without being read",
        arguments: [
            ("AQIDBAUGBwgJCgsMDQ4PEC==", true), ("++++////++++////++++//==", true), ("", false),
            ("AQIDBAUGBwgJCgsMDQ4PEA=", false), ("AQIDBAUGBwgJCgsMDQ4PEBE=", false),
            ("AQIDBAUGBwgJCgsMDQ4PEBES", false),
            ("AQIDBAUGBwgJCgsMDQ4PE===", false), ("AQIDBAUGBwg CgsMDQ4PEA==", false),
            ("AQIDBAUGBwgJCgsMDQ4PEA==AQID", false), ("AQIDBAUGBwgJCgsMDQ4PEA=a", false),
        ]
    )
    func recognizes(text: String, is16Bytes: Bool) {
        #expect(Base64.is16Bytes(bytes(text).span) == is16Bytes)
        #expect((Base64.decode(text)?.count == 16) == is16Bytes)
    }
}
