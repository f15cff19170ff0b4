// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The header fields of one message, in the order and case in which they stand on the wire.
///
/// Names and values are byte ranges into one buffer, so parsing allocates twice for a whole head, however many fields
/// it has. Values are ISO-8859-1 text (RFC 9110 §5.5): every byte maps to the Unicode scalar of the same number.
/// Looking a field up compares names without regard to ASCII case and costs a scan of the fields.
public struct HeaderFields: Sendable {
    /// Where one field lies in ``bytes``: offsets of 32 bits, as a connection may keep its request for as long as it lives.
    struct Entry: Sendable {
        private let nameStart, nameEnd, valueStart, valueEnd: UInt32

        /// - Precondition: the ranges lie within the first 4 GiB, to which ``HeadParser`` holds what comes off the wire.
        init(name: Range<Int>, value: Range<Int>) {
            (nameStart, nameEnd) = (UInt32(name.lowerBound), UInt32(name.upperBound))
            (valueStart, valueEnd) = (UInt32(value.lowerBound), UInt32(value.upperBound))
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
        var nameLength: Int { Int(nameEnd &- nameStart) }
    }

    /// The buffer that holds all names and values, and whatever stood between them: what goes over the wire as it is,
    /// with its line end, where ``append(name:value:)`` wrote it.
    var bytes: [UInt8]

    /// The fields, in wire order.
    var entries: [Entry]

    /// Creates an empty list.
    public init() {
        bytes = []
        entries = []
    }

    /// Takes a parsed header block: `entries` are ranges into `bytes`, already checked against the grammar.
    init(bytes: [UInt8], entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }
}

/// One header field as text.
public struct HeaderField: Sendable, Hashable {
    /// The name, in the case in which it stands on the wire; compare it without regard to case (RFC 9110 §5.1).
    public var name: String
    /// The value, without the white space around it (RFC 9110 §5.5).
    public var value: String

    /// Joins a name and a value. Nothing is checked before the field goes into a ``HeaderFields``.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension HeaderFields {
    /// How many fields there are.
    public var count: Int { entries.count }

    /// The field at `index`, in wire order, with the name in its original case.
    public subscript(index: Int) -> HeaderField {
        HeaderField(name: text(entries[index].name), value: text(entries[index].value))
    }

    /// The values of all fields of that name, in wire order.
    public func values(of name: String) -> [String] {
        var values: [String] = []
        for entry in entries where matches(entry, name) { values.append(text(entry.value)) }
        return values
    }

    /// The value of the first field of that name.
    public func first(_ name: String) -> String? {
        entries.first { matches($0, name) }.map { text($0.value) }
    }

    /// Appends a field.
    ///
    /// - Throws: ``InvalidHeaderField`` when the name is not a token or the value holds a control character or a
    ///   character beyond U+00FF: nothing that an application passes can split a header (RFC 9110 §5.5).
    public mutating func append(name: String, value: String) throws(InvalidHeaderField) {
        let nameLength = name.utf8.count
        guard nameLength > 0 else { throw .name(name) }
        try appendLine(nameLength, valueLength: value.utf8.count) { line throws(InvalidHeaderField) in
            line.append(utf8: name)
            for index in 0..<nameLength where !line[index].isTokenCharacter { throw .name(name) }
            line.append(": ")
            guard Latin1.append(value, to: &line) else { throw .value(name: name) }
        }
    }

    /// Appends a field of our own making or one that is checked already.
    mutating func append(own name: StaticString, valueLength: Int, writingValue: (inout OutputSpan<UInt8>) -> Void) {
        appendLine(name.utf8CodeUnitCount, valueLength: valueLength) { line in
            line.append(name)
            line.append(": ")
            writingValue(&line)
        }
    }

    /// Appends a field as its line goes over the wire. When `write` throws, nothing is appended.
    ///
    /// - Parameter valueLength: how long the value may be; the name is as long as is said.
    @inline(__always)
    mutating func appendLine<Failure: Error>(
        _ nameLength: Int, valueLength: Int, write: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        if entries.isEmpty {
            // Most heads that are made have a few fields, and would grow with each of them.
            bytes.reserveCapacity(max(nameLength + valueLength + 4, 128))
            entries.reserveCapacity(4)
        }
        let start = bytes.count
        try bytes.append(addingCapacity: nameLength + valueLength + 4) { line throws(Failure) in
            do throws(Failure) {
                try write(&line)
            } catch {
                line.removeAll()
                throw error
            }
            line.append("\r\n")
        }
        let colon = start + nameLength
        entries.append(Entry(name: start..<colon, value: colon + 2..<bytes.count - 2))
    }

    /// Removes all fields of that name.
    public mutating func remove(_ name: String) {
        entries = entries.filter { !matches($0, name) }
    }

    /// Puts one field in the place of all of that name (websockets' D12: set, not add).
    public mutating func set(name: String, value: String) throws(InvalidHeaderField) {
        var changed = self
        changed.remove(name)
        try changed.append(name: name, value: value)
        self = changed
    }

    /// Whether the entry has that name (RFC 9110 §5.1: names are compared without regard to case).
    func matches(_ entry: Entry, _ name: String) -> Bool { equals(entry.name, name) }

    /// Whether that text stands in the range, but for ASCII case.
    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        let bytes = bytes.span
        var index = range.lowerBound
        for byte in text.utf8 {
            guard bytes[index].asciiLowercased == byte.asciiLowercased else { return false }
            index += 1
        }
        return true
    }

    /// What stands in the range, as ISO-8859-1.
    func text(_ range: Range<Int>) -> String { Latin1.text(bytes.span.extracting(range)) }
}

/// Why a header field was not accepted from the application.
public enum InvalidHeaderField: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name is empty or holds what no token may (RFC 9110 §5.6.2).
    case name(String)
    /// The value for `name` holds a control character or one beyond U+00FF (RFC 9110 §5.5).
    case value(name: String)

    /// Which field it is and what is wrong with it, as a sentence.
    public var description: String {
        switch self {
        case .name(let name): "\(name.debugDescription) is not a header name: only token characters may stand in it"
        case .value(let name):
            "the value for header \(name) holds a control character, or one that ISO-8859-1 does not have"
        }
    }
}
