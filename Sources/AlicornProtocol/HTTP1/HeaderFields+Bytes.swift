// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Fields for those who have, and want, bytes instead of text.
extension HeaderFields {
    /// Appends a field, with its name in lower case as ASGI has them.
    ///
    /// - Throws: ``InvalidHeaderField``, as ``append(name:value:)`` does.
    package mutating func append(lowercasing name: Span<UInt8>, value: Span<UInt8>) throws(InvalidHeaderField) {
        guard name.count > 0 else { throw .name("") }
        try appendLine(name.count, valueLength: value.count) { line throws(InvalidHeaderField) in
            for index in name.indices {
                guard name[index].isTokenCharacter else { throw .name(Latin1.text(name)) }
                line.append(name[index].asciiLowercased)
            }
            line.append(": ")
            for index in value.indices {
                guard value[index].isFieldValueCharacter else { throw .value(name: Latin1.text(name)) }
                line.append(value[index])
            }
        }
    }

    /// Lends the name, in its original case, and the value of a field.
    @inlinable @inline(__always)
    package func withField<Result>(at index: Int, _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Result)
        -> Result
    {
        let place = places(at: index)
        let bytes = allBytes.span
        return body(bytes.extracting(place.name), bytes.extracting(place.value))
    }

    @usableFromInline
    package func places(at index: Int) -> (name: Range<Int>, value: Range<Int>) {
        (entries[index].name, entries[index].value)
    }

    @usableFromInline
    package var allBytes: [UInt8] { bytes }

    /// Whether the two are the same fields, written in the same way. Costs a comparison of memory.
    package func isWritten(as other: borrowing HeaderFields) -> Bool { bytes == other.bytes && count == other.count }
}
