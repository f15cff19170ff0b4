// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Base 64 with the standard alphabet (RFC 4648 §4).
package enum Base64 {
    /// The text for `bytes`, padded, without line breaks.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (UInt32(3 - group.count) * 8)
            for position: UInt32 in 0..<4 {
                let isPadding = position > group.count
                text.append(isPadding ? padding : character(for: bits >> (18 - position * 6) & 0x3F))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` stands for, or `nil` where it is malformed: white space, other characters than the
    /// alphabet's, wrong padding (RFC 4648 §3.2, §3.3).
    ///
    /// Bits beside the data are ignored, as RFC 4648 §3.5 allows: the key `AQIDBAUGBwgJCgsMDQ4PEC==` in RFC 6455 §4.1
    /// has some set.
    package static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        let paddingCount = characters.suffix(2).reversed().prefix { $0 == padding }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        var bits: UInt32 = 0
        for (index, character) in characters.dropLast(paddingCount).enumerated() {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            // Of four characters the first completes no byte, each of the others one.
            guard !index.isMultiple(of: 4) else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits >> (UInt32(3 - index % 4) * 2)))
        }
        return bytes
    }

    private static let padding = UInt8(ascii: "=")

    private static func character(for value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
