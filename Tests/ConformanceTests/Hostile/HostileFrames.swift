// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

/// Frames that break a rule, and how they are answered.
struct HostileFrames: Sendable, CustomTestStringConvertible {
    /// What is sent behind a good opening handshake.
    var input: [UInt8]
    /// The code of the close frame that answers.
    var code: UInt16
    /// What the line in the log says.
    var cause: String
    /// What decides the answer.
    var rule: String
    /// Header lines of the opening handshake.
    var fields: [String]

    init(_ input: [UInt8]..., code: UInt16, _ cause: String, _ rule: String, fields: [String] = []) {
        self.input = input.flatMap { $0 }
        self.code = code
        self.cause = cause
        self.rule = rule
        self.fields = fields
    }

    var testDescription: String { rule }
}

extension HostileFrames {
    /// The frames of a client, with a mask of zeros, so that what stands here is what is sent.
    static func frame(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        precondition(payload.count < 126, "short payloads only")
        return header(first, 0x80 | UInt8(payload.count)) + payload
    }

    static func frame(_ first: UInt8, _ payload: String) -> [UInt8] { frame(first, Array(payload.utf8)) }

    /// A header with that length field and what extends it, and a mask of zeros.
    static func header(_ first: UInt8, _ length: UInt8, _ extended: [UInt8] = []) -> [UInt8] {
        [first, length] + extended + [0, 0, 0, 0]
    }

    static let deflate = ["Sec-WebSocket-Extensions: permessage-deflate"]

    /// One message that a kilobyte of deflate makes of a megabyte and a half of zeros: blocks that repeat 258 bytes.
    static let bomb: [UInt8] = {
        // A fixed block: a literal 0, then "repeat 258 bytes at distance 1", 13 bits each (RFC 1951 §3.2.6).
        var bits: [UInt8] = [0, 1, 0]
        bits += [0, 0, 1, 1, 0, 0, 0, 0]
        for _ in 0..<6000 { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        bits += [0, 0, 0, 0, 0, 0, 0]
        while !bits.count.isMultiple(of: 8) { bits.append(0) }
        let deflated = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reversed().reduce(0) { $0 << 1 | $1 }
        }
        let count = UInt16(deflated.count)
        return header(0xC2, 0xFE, [UInt8(count >> 8), UInt8(count & 0xFF)]) + deflated
    }()
}

extension HostileFrames {
    static let table = headers + fragments + texts + closes + sizes + compressed

    static let headers = [
        Self([0x81, 0x02, 0x68, 0x69], code: 1002, "not masked", "RFC 6455 §5.1: a client masks its frames"),
        Self(frame(0xC1, "hi"), code: 1002, "RSV1", "RFC 6455 §5.2: RSV1 without an extension"),
        Self(frame(0xA1, "hi"), code: 1002, "RSV2", "RFC 6455 §5.2: RSV2 without an extension"),
        Self(frame(0x91, "hi"), code: 1002, "RSV3", "RFC 6455 §5.2: RSV3 without an extension"),
        Self(frame(0xB1, "hi"), code: 1002, "RSV2", "RFC 6455 §5.2: RSV2 with permessage-deflate", fields: deflate),
        Self(frame(0x83, "hi"), code: 1002, "opcode 3", "RFC 6455 §5.2: a reserved data opcode"),
        Self(frame(0x87, "hi"), code: 1002, "opcode 7", "RFC 6455 §5.2: a reserved data opcode"),
        Self(frame(0x8B, "hi"), code: 1002, "opcode 11", "RFC 6455 §5.2: a reserved control opcode"),
        Self(frame(0x8F, "hi"), code: 1002, "opcode 15", "RFC 6455 §5.2: a reserved control opcode"),
        Self(header(0x82, 0xFE, [0, 125]), code: 1002, "fewest", "RFC 6455 §5.2: 125 in two bytes"),
        Self(
            header(0x82, 0xFF, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), code: 1002, "fewest",
            "RFC 6455 §5.2: 65535 in eight bytes"),
        Self(
            header(0x82, 0xFF, [0x80, 0, 0, 0, 0, 0, 0, 0]), code: 1002, "top bit",
            "RFC 6455 §5.2: the top bit of a length"),
        Self(
            header(0x82, 0xFF, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), code: 1002, "top bit",
            "RFC 6455 §5.2: a length of all ones"),
        Self(header(0x89, 0xFE, [0, 126]), code: 1002, "125 bytes", "RFC 6455 §5.5: a ping of 126 bytes"),
        Self(
            header(0x88, 0xFF, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), code: 1002, "125 bytes",
            "RFC 6455 §5.5: a close frame of 2^63 - 1 bytes"),
        Self(frame(0x09, "hi"), code: 1002, "fragmented", "RFC 6455 §5.5: a ping in fragments"),
        Self(frame(0x08, [3, 232]), code: 1002, "fragmented", "RFC 6455 §5.5: a close frame in fragments"),
    ]

    static let fragments = [
        Self(frame(0x80, "hi"), code: 1002, "without a message", "RFC 6455 §5.4: a continuation of nothing"),
        Self(frame(0x00, "hi"), code: 1002, "without a message", "RFC 6455 §5.4: a continuation of nothing, not final"),
        Self(frame(0x01, "a"), frame(0x81, "b"), code: 1002, "before the last", "RFC 6455 §5.4: text within text"),
        Self(frame(0x02, "a"), frame(0x82, "b"), code: 1002, "before the last", "RFC 6455 §5.4: binary within binary"),
        Self(
            frame(0x01, "a"), frame(0x80, "b"), frame(0x80, "c"), code: 1002, "without a message",
            "RFC 6455 §5.4: a continuation of a finished message"),
    ]

    static let texts = [
        Self(frame(0x81, [0x80]), code: 1007, "UTF-8", "RFC 6455 §8.1: a continuation byte alone"),
        Self(frame(0x81, [0xC0, 0xAF]), code: 1007, "UTF-8", "RFC 3629 §3: an overlong form"),
        Self(frame(0x81, [0xED, 0xA0, 0x80]), code: 1007, "UTF-8", "RFC 3629 §3: a surrogate"),
        Self(frame(0x81, [0xF4, 0x90, 0x80, 0x80]), code: 1007, "UTF-8", "RFC 3629 §3: beyond U+10FFFF"),
        Self(frame(0x81, [0xFF]), code: 1007, "UTF-8", "RFC 3629 §3: a byte that never occurs"),
        Self(frame(0x81, [0xE2, 0x82]), code: 1007, "UTF-8", "RFC 6455 §8.1: a message that ends inside a character"),
        Self(
            frame(0x01, [0xE2]), frame(0x00, [0x82]), frame(0x80, [0x41]), code: 1007, "UTF-8",
            "RFC 6455 §8.1: a character across fragments that is none"),
        Self(
            header(0x81, 0xFE, [3, 232]) + [0xFF], code: 1007, "byte 0",
            "RFC 6455 §8.1: the first bad byte is enough"),
    ]

    static let closes =
        [
            Self(frame(0x88, [3]), code: 1002, "one byte", "RFC 6455 §5.5.1: a close frame with half a code"),
            Self(frame(0x88, [3, 232, 0xFF]), code: 1007, "UTF-8", "RFC 6455 §5.5.1: a reason that is not UTF-8"),
        ]
        + ([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] as [UInt16]).map { code in
            Self(
                frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)]), code: 1002, "close code \(code)",
                "RFC 6455 §7.4: \(code) does not stand in a close frame")
        }

    static let sizes = [
        Self(
            header(0x82, 0xFF, [0, 0, 0, 0, 0, 0x10, 0, 1]), code: 1009, "exceeds",
            "RFC 6455 §10.4: one byte over the limit, known from the header"),
        Self(
            header(0x82, 0xFF, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), code: 1009, "exceeds",
            "RFC 6455 §10.4: the longest frame there is"),
        Self(
            frame(0x02, "a"), header(0x00, 0xFF, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), code: 1009,
            "exceeds", "RFC 6455 §10.4: a sum of lengths that does not fit"),
        Self(
            frame(0x02) + (0..<200_000).flatMap { _ in frame(0x00) }, code: 1009, "fragments",
            "RFC 6455 §10.4: empty fragments without end"),
    ]

    static let compressed = [
        Self(
            frame(0xC1, [0xFF, 0xFF, 0xFF]), code: 1002, "compress", "RFC 7692 §7.2.2: what is not deflate",
            fields: deflate),
        Self(
            frame(0x41, [0xF2]), frame(0xC0, [0x48]), code: 1002, "RSV1", "RFC 7692 §6.1: RSV1 on a continuation",
            fields: deflate),
        Self(frame(0xC9, "hi"), code: 1002, "RSV1", "RFC 7692 §6.1: RSV1 on a ping", fields: deflate),
        Self(bomb, code: 1009, "exceeds", "RFC 7692 §8: a message that inflates beyond the limit", fields: deflate),
        // The bytes of 0xFF inflate from a stored block (RFC 1951 §3.2.4).
        Self(
            frame(0xC1, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]), code: 1007, "UTF-8",
            "RFC 6455 §8.1: text that is not UTF-8 once it is inflated", fields: deflate),
    ]
}
