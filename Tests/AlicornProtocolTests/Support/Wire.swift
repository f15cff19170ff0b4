// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Bytes of the wire, written by hand: independent of the codec under test.
enum Wire {
    /// The bytes of `"81 05 48"`; spaces and line ends do not matter.
    static func hex(_ text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        precondition(digits.count.isMultiple(of: 2), "half a byte")
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The masking key of frames made here, that of the examples in RFC 6455 §5.7.
    static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// One frame (RFC 6455 §5.2).
    ///
    /// - Parameter sender: a client masks, a server does not.
    static func frame(
        _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, from sender: Role
    ) -> [UInt8] {
        let first = (fin ? 0x80 : 0) | rsv << 4 | opcode
        let mask: UInt8 = sender == .client ? 0x80 : 0
        let length: [UInt8]
        switch payload.count {
        case 0..<126: length = [mask | UInt8(payload.count)]
        case 126...0xFFFF: length = [mask | 126] + bigEndian(payload.count, bytes: 2)
        default: length = [mask | 127] + bigEndian(payload.count, bytes: 8)
        }
        guard sender == .client else { return [first] + length + payload }
        return [first] + length + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    static func text(_ text: String, fin: Bool = true, from sender: Role) -> [UInt8] {
        frame(0x1, Array(text.utf8), fin: fin, from: sender)
    }

    static func close(_ code: UInt16, _ reason: String = "", from sender: Role) -> [UInt8] {
        frame(0x8, bigEndian(Int(code), bytes: 2) + Array(reason.utf8), from: sender)
    }

    static func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

extension Role {
    var peer: Role { self == .client ? .server : .client }
}

/// A generator with a seed, for properties that are tried on many values (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
