// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The grammar of `Sec-WebSocket-Extensions` (RFC 6455 §9.1), both ways.
public enum ExtensionHeader {
    /// The header's name.
    public static let name = "Sec-WebSocket-Extensions"

    /// The most extensions, and the most parameters of one, that are read: far more than anyone has use for.
    public static let limit = 32

    /// Reads what all header fields of that name say together; nothing if there are none.
    ///
    /// Takes time linear in the header's length.
    ///
    /// - Throws: ``InvalidExtensionHeader`` where the value leaves the grammar or exceeds the ``limit``.
    public static func parse(_ fields: HeaderFields) throws(InvalidExtensionHeader) -> [ExtensionDescription] {
        let header = fields.occurrence(of: "sec-websocket-extensions")
        switch header.count {
        case 0: return []
        case 1:
            var parser = Parser(fields.bytes, header.value)
            do throws(Parser.Fault) { return try parser.list() } catch {
                throw InvalidExtensionHeader(
                    expected: error.expected, position: error.position, value: fields.text(header.value))
            }
        default: return try parse(fields.values(of: name).joined(separator: ", "))
        }
    }

    /// Reads one value.
    ///
    /// - Throws: ``InvalidExtensionHeader`` as above.
    public static func parse(_ value: String) throws(InvalidExtensionHeader) -> [ExtensionDescription] {
        let bytes = Array(value.utf8)
        var parser = Parser(bytes, 0..<bytes.count)
        do throws(Parser.Fault) { return try parser.list() } catch {
            throw InvalidExtensionHeader(expected: error.expected, position: error.position, value: value)
        }
    }

    /// The value that offers or accepts `descriptions`, which consist of tokens.
    public static func serialize(_ descriptions: [ExtensionDescription]) -> String {
        var text = ""
        for description in descriptions {
            if !text.isEmpty { text += ", " }
            text += description.name
            for parameter in description.parameters {
                text += "; "
                text += parameter.name
                guard let value = parameter.value else { continue }
                text += "="
                text += value
            }
        }
        return text
    }
}

/// Where an extension header leaves its grammar (RFC 6455 §9.1).
public struct InvalidExtensionHeader: Error, Sendable, Hashable, CustomStringConvertible {
    /// What should have stood there.
    public enum Expectation: String, Sendable, Hashable {
        /// A name or value; also in quotes only a token may stand.
        case token
        /// The second of a pair of quotes.
        case closingQuote = "closing quote"
        /// A `,` or `;` behind a name or value.
        case separator
        /// The end of the list or of the parameters, as there are more than the limit.
        case end = "no more elements"
    }

    /// What should have stood there.
    public let expected: Expectation
    /// The offset in bytes.
    public let position: Int
    /// All the header's fields, joined by a comma and a space.
    public let value: String

    /// What was expected, where, in which value.
    public var description: String { "expected \(expected.rawValue) at \(position) in \(Excerpt(value))" }
}

/// Reads from left to right and never goes back.
private struct Parser {
    /// What should have stood where, as an offset from the value's start.
    struct Fault: Error {
        var expected: InvalidExtensionHeader.Expectation
        var position: Int
    }

    private let bytes: [UInt8]
    private let value: Range<Int>
    private var position: Int

    init(_ bytes: [UInt8], _ value: Range<Int>) {
        self.bytes = bytes
        self.value = value
        position = value.lowerBound
    }

    mutating func list() throws(Fault) -> [ExtensionDescription] {
        var list: [ExtensionDescription] = []
        repeat {
            skip { $0.isOptionalWhitespace || $0 == UInt8(ascii: ",") }  // RFC 9110 §5.6.1.2: elements may be empty.
            if position == value.upperBound, !list.isEmpty { break }
            guard list.count < ExtensionHeader.limit else { throw expected(.end) }
            list.append(try element())
            guard position == value.upperBound || bytes[position] == UInt8(ascii: ",") else {
                throw expected(.separator)
            }
        } while position < value.upperBound
        return list
    }

    private mutating func element() throws(Fault) -> ExtensionDescription {
        var element = ExtensionDescription(try token())
        while consume(UInt8(ascii: ";")) {
            guard element.parameters.count < ExtensionHeader.limit else { throw expected(.end) }
            let name = try token()
            element.parameters.append(.init(name, consume(UInt8(ascii: "=")) ? try tokenOrQuotedString() : nil))
        }
        return element
    }

    /// A token, with white space around it.
    private mutating func token() throws(Fault) -> String {
        skip(while: \.isOptionalWhitespace)
        let start = position
        skip(while: \.isTokenCharacter)
        guard position > start else { throw expected(.token) }
        let token = name(start..<position)
        skip(while: \.isOptionalWhitespace)
        return token
    }

    /// What stands there. The names of RFC 7692, of which nearly every header consists, take no memory.
    private func name(_ range: Range<Int>) -> String {
        let bytes = bytes.span
        return switch range.count {
        case 18 where bytes.holds("permessage-deflate", at: range): "permessage-deflate"
        case 22 where bytes.holds("client_max_window_bits", at: range): "client_max_window_bits"
        case 22 where bytes.holds("server_max_window_bits", at: range): "server_max_window_bits"
        case 26 where bytes.holds("client_no_context_takeover", at: range): "client_no_context_takeover"
        case 26 where bytes.holds("server_no_context_takeover", at: range): "server_no_context_takeover"
        default: Latin1.text(bytes.extracting(range))
        }
    }

    /// RFC 6455 §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF".
    private mutating func tokenOrQuotedString() throws(Fault) -> String {
        skip(while: \.isOptionalWhitespace)
        guard consume(UInt8(ascii: "\"")) else { return try token() }
        var content: [UInt8] = []
        while position < value.upperBound, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < value.upperBound, bytes[position].isTokenCharacter else { throw expected(.token) }
            content.append(bytes[position])
            position += 1
        }
        guard position < value.upperBound else { throw expected(.closingQuote) }
        guard !content.isEmpty else { throw expected(.token) }
        position += 1
        skip(while: \.isOptionalWhitespace)
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while position < value.upperBound, isSkipped(bytes[position]) { position += 1 }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard position < value.upperBound, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func expected(_ expectation: InvalidExtensionHeader.Expectation) -> Fault {
        Fault(expected: expectation, position: position - value.lowerBound)
    }
}
