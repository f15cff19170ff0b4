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
        let values = fields.values(of: name)
        return values.isEmpty ? [] : try parse(values.joined(separator: ", "))
    }

    /// Reads one value.
    ///
    /// - Throws: ``InvalidExtensionHeader`` as above.
    public static func parse(_ value: String) throws(InvalidExtensionHeader) -> [ExtensionDescription] {
        var parser = Parser(value)
        return try parser.list()
    }

    /// The value that offers or accepts `descriptions`, which consist of tokens.
    public static func serialize(_ descriptions: [ExtensionDescription]) -> String {
        descriptions.lazy.map { description in
            description.parameters.reduce(description.name) { text, parameter in
                "\(text); \(parameter.name)" + (parameter.value.map { "=\($0)" } ?? "")
            }
        }.joined(separator: ", ")
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
    private let value: String
    private let bytes: [UInt8]
    private var position = 0

    init(_ value: String) {
        self.value = value
        bytes = Array(value.utf8)
    }

    mutating func list() throws(InvalidExtensionHeader) -> [ExtensionDescription] {
        var list: [ExtensionDescription] = []
        repeat {
            skip { $0.isOptionalWhitespace || $0 == UInt8(ascii: ",") }  // RFC 9110 §5.6.1.2: elements may be empty.
            if position == bytes.count, !list.isEmpty { break }
            guard list.count < ExtensionHeader.limit else { throw expected(.end) }
            list.append(try element())
            guard position == bytes.count || bytes[position] == UInt8(ascii: ",") else { throw expected(.separator) }
        } while position < bytes.count
        return list
    }

    private mutating func element() throws(InvalidExtensionHeader) -> ExtensionDescription {
        var element = ExtensionDescription(try token())
        while consume(UInt8(ascii: ";")) {
            guard element.parameters.count < ExtensionHeader.limit else { throw expected(.end) }
            let name = try token()
            element.parameters.append(.init(name, consume(UInt8(ascii: "=")) ? try tokenOrQuotedString() : nil))
        }
        return element
    }

    /// A token, with white space around it.
    private mutating func token() throws(InvalidExtensionHeader) -> String {
        skip(while: \.isOptionalWhitespace)
        let start = position
        skip(while: \.isTokenCharacter)
        guard position > start else { throw expected(.token) }
        let token = String(decoding: bytes[start..<position], as: UTF8.self)
        skip(while: \.isOptionalWhitespace)
        return token
    }

    /// RFC 6455 §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF".
    private mutating func tokenOrQuotedString() throws(InvalidExtensionHeader) -> String {
        skip(while: \.isOptionalWhitespace)
        guard consume(UInt8(ascii: "\"")) else { return try token() }
        var content: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < bytes.count, bytes[position].isTokenCharacter else { throw expected(.token) }
            content.append(bytes[position])
            position += 1
        }
        guard position < bytes.count else { throw expected(.closingQuote) }
        guard !content.isEmpty else { throw expected(.token) }
        position += 1
        skip(while: \.isOptionalWhitespace)
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while position < bytes.count, isSkipped(bytes[position]) { position += 1 }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func expected(_ expectation: InvalidExtensionHeader.Expectation) -> InvalidExtensionHeader {
        InvalidExtensionHeader(expected: expectation, position: position, value: value)
    }
}
