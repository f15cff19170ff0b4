// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// When a message was sent, as the first bytes of its payload: 16 hexadecimal digits, which are text, too.
enum SendTime {
    static let size = 16

    /// The digits of `moment`, the first one first.
    static func digits(of moment: Timestamp) -> [UInt8] {
        let number = UInt64(bitPattern: moment.nanoseconds)
        return (0..<size).map { Self.digit(UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * $0)) & 0xF) }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    /// The number so far, with one more digit.
    ///
    /// - Returns: `nil` for what is no digit.
    static func adding(_ digit: UInt8, to number: UInt64) -> UInt64? {
        switch digit {
        case 0x30...0x39: number << 4 | UInt64(digit - 0x30)
        case 0x61...0x66: number << 4 | UInt64(digit - 0x57)
        default: nil
        }
    }
}
