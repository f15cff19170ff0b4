// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Base 64 with the standard alphabet (RFC 4648 §4).
package enum Base64 {
    /// The text for `bytes`, padded, without line breaks.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.append(addingCapacity: (bytes.count + 2) / 3 * 4) { append(bytes, to: &$0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends that text: four characters for three bytes or what is left of them.
    static func append(_ bytes: some Collection<UInt8>, to text: inout OutputSpan<UInt8>) {
        let start = text.count
        // The bits that no character was made of yet, at most five before a byte comes.
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(character(for: bits >> count))
            }
        }
        if count > 0 { text.append(character(for: bits << (6 - count))) }
        while (text.count - start) % 4 > 0 { text.append(padding) }
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

    /// Whether 16 bytes stand there in base 64, as ``decode(_:)`` takes it.
    static func is16Bytes(_ text: Span<UInt8>) -> Bool {
        guard text.count == 24, text[22] == padding, text[23] == padding else { return false }
        for index in 0..<22 where value(of: text[index]) == nil { return false }
        return true
    }

    private static var padding: UInt8 { UInt8(ascii: "=") }

    private static func character(for value: UInt32) -> UInt8 {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        // SAFETY: six bits are less than the 64 characters.
        return unsafe alphabet.utf8Start[Int(value & 0x3F)]
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
