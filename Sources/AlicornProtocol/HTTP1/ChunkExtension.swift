// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where in a chunk's extensions the next byte stands (RFC 9112 §7.1.1).
///
/// The extensions mean nothing to us; they are parsed because what breaks their grammar is how requests are smuggled.
enum ChunkExtension: Sendable {
    case beforeSemicolon
    case beforeName
    case name
    case afterName
    case beforeValue
    case token
    case quoted
    case quotedPair
    case afterQuoted

    private enum Character {
        case blank, semicolon, equals, quote, backslash, carriageReturn, token, text, control

        init(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): self = .blank
            case UInt8(ascii: ";"): self = .semicolon
            case UInt8(ascii: "="): self = .equals
            case UInt8(ascii: "\""): self = .quote
            case UInt8(ascii: "\\"): self = .backslash
            case UInt8(ascii: "\r"): self = .carriageReturn
            case _ where byte.isTokenCharacter: self = .token
            case _ where byte.isFieldValueCharacter: self = .text
            default: self = .control
            }
        }
    }

    /// Takes the next byte; true when it is the CR that ends the line.
    mutating func take(_ byte: UInt8) throws(HTTPViolation) -> Bool {
        switch (self, Character(byte)) {
        case (.name, .carriageReturn), (.token, .carriageReturn), (.afterQuoted, .carriageReturn):
            return true
        case (.beforeSemicolon, .semicolon), (.name, .semicolon), (.afterName, .semicolon), (.token, .semicolon),
            (.afterQuoted, .semicolon):
            self = .beforeName
        // RFC 9110 §5.6.3: white space that the grammar calls bad is parsed nevertheless.
        case (.beforeSemicolon, .blank), (.token, .blank), (.afterQuoted, .blank): self = .beforeSemicolon
        case (.beforeName, .blank), (.beforeValue, .blank): break
        case (.name, .blank), (.afterName, .blank): self = .afterName
        case (.beforeName, .token), (.name, .token): self = .name
        case (.name, .equals), (.afterName, .equals): self = .beforeValue
        case (.beforeValue, .token), (.token, .token): self = .token
        case (.beforeValue, .quote): self = .quoted
        case (.quoted, .quote): self = .afterQuoted
        case (.quoted, .backslash): self = .quotedPair
        case (.quoted, let character) where character != .carriageReturn && character != .control: break
        case (.quotedPair, let character) where character != .carriageReturn && character != .control: self = .quoted
        default: throw .invalidChunkExtension
        }
        return false
    }
}
