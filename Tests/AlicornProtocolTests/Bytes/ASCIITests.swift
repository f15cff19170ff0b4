// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// Each class is compared with its list in the RFC for all 256 bytes.
@Suite("ASCII")
struct ASCIITests {
    static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    static let digits = "0123456789"

    static func bytes(where holds: (UInt8) -> Bool) -> [UInt8] { (0...UInt8.max).filter(holds) }

    @Test("the characters of a token are those of RFC 9110 §5.6.2")
    func tokens() {
        let tokens = Set("!#$%&'*+-.^_`|~".utf8).union(Self.digits.utf8).union(Self.letters.utf8)
        #expect(Self.bytes(where: \.isTokenCharacter) == tokens.sorted())
    }

    @Test("a header value holds HTAB, SP, what is visible and what is beyond ASCII (RFC 9110 §5.5)")
    func fieldValues() {
        #expect(Self.bytes(where: \.isFieldValueCharacter) == [0x09] + Array(0x20...0x7E) + Array(0x80...0xFF))
    }

    @Test("optional white space is SP and HTAB (RFC 9110 §5.6.3)")
    func optionalWhitespace() {
        #expect(Self.bytes(where: \.isOptionalWhitespace) == [0x09, 0x20])
    }

    @Test("the digits are 0 to 9 (RFC 5234 appendix B.1)")
    func digits() {
        #expect(Self.bytes(where: \.isDigit) == Array(Self.digits.utf8))
    }

    @Test("only A to Z change when they are folded")
    func lowercase() {
        for byte in 0...UInt8.max {
            let isUpper = ("A"..."Z").contains(Character(Unicode.Scalar(byte)))
            #expect(byte.asciiLowercased == (isUpper ? byte + 0x20 : byte))
        }
    }

    @Test("a hexadecimal digit has the value that it has in Swift, and nothing else has one (RFC 5234 appendix B.1)")
    func hexadecimal() {
        for byte in 0...UInt8.max {
            #expect(
                byte.hexadecimalValue == UInt8(String(Unicode.Scalar(byte)), radix: 16), "0x\(String(byte, radix: 16))")
        }
    }
}
