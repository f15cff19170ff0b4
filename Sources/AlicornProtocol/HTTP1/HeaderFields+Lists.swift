// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Comma-separated lists in header values (RFC 9110 §5.6.1).
extension HeaderFields {
    /// Whether a field of that name is there. Allocates nothing.
    public func contains(_ name: String) -> Bool {
        entries.contains { matches($0, name) }
    }

    /// How many fields of that name there are. Allocates nothing.
    public func count(of name: String) -> Int {
        entries.reduce(0) { $0 + (matches($1, name) ? 1 : 0) }
    }

    /// The tokens in the list that all fields of that name make together, in wire order and in their original case.
    ///
    /// A list may run over several fields (RFC 9110 §5.3), and empty elements are skipped (RFC 9110 §5.6.1.2). The
    /// limits on a message's head bound the result.
    ///
    /// - Throws: ``InvalidHeaderList`` when an element is not a token.
    public func tokens(of name: String) throws(InvalidHeaderList) -> [String] {
        var tokens: [String] = []
        for entry in entries where matches(entry, name) {
            var remaining = entry.value
            while let element = nextElement(in: &remaining) {
                guard bytes[element].allSatisfy(\.isTokenCharacter) else {
                    throw InvalidHeaderList(name: name, element: text(element))
                }
                tokens.append(text(element))
            }
        }
        return tokens
    }

    /// Whether that token is an element of the list of that name, without regard to ASCII case. Allocates nothing.
    ///
    /// Elements that are not tokens equal none, so a malformed list may still contain the token: use ``tokens(of:)``
    /// where that is to be refused.
    public func containsToken(_ token: String, in name: String) -> Bool {
        for entry in entries where matches(entry, name) {
            var remaining = entry.value
            while let element = nextElement(in: &remaining) {
                if equals(element, token) { return true }
            }
        }
        return false
    }

    /// Takes the next element that is not empty off the front of a list.
    func nextElement(in remaining: inout Range<Int>) -> Range<Int>? {
        let bytes = bytes.span
        while !remaining.isEmpty {
            var start = remaining.lowerBound
            var end = start
            while end < remaining.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            remaining = min(end + 1, remaining.upperBound)..<remaining.upperBound
            while start < end, bytes[start].isOptionalWhitespace { start += 1 }
            while start < end, bytes[end - 1].isOptionalWhitespace { end -= 1 }
            if start < end { return start..<end }
        }
        return nil
    }
}

/// A header value that should be a list of tokens and is not (RFC 9110 §5.6.1).
public struct InvalidHeaderList: Error, Sendable, Hashable, CustomStringConvertible {
    /// The header's name.
    public var name: String
    /// The element that is not a token.
    public var element: String

    /// Tells of a list in which `element` is not a token.
    public init(name: String, element: String) {
        self.name = name
        self.element = element
    }

    /// The fault as a sentence.
    public var description: String {
        "the \(name) header holds \(element.debugDescription), which is not a token"
    }
}
