// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where the fields stand that decide about a message's framing and its connection, found in one pass.
struct FieldIndex: Sendable {
    /// The fields of one name: how many, and the value of the first.
    struct Occurrence: Sendable {
        var count = 0
        var value = 0..<0

        mutating func note(_ entry: HeaderFields.Entry) {
            if count == 0 { value = entry.value }
            count += 1
        }
    }

    private(set) var host = Occurrence()
    private(set) var expect = Occurrence()
    private(set) var contentLength = Occurrence()
    private(set) var transferEncoding = Occurrence()
    private(set) var hasDate = false
    private(set) var hasUpgrade = false
    /// Whether there is a Sec-WebSocket-Key (RFC 6455 §4.1).
    private(set) var hasHandshakeKey = false
    /// Which options Connection names (RFC 9110 §7.6.1).
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgradeOption = false

    init(_ fields: borrowing HeaderFields) {
        for index in 0..<fields.entries.count {
            let entry = fields.entries[index]
            // The length tells nearly all other names apart.
            switch entry.nameLength {
            case 4:
                if fields.holds("host", at: entry.name) {
                    host.note(entry)
                } else if fields.holds("date", at: entry.name) {
                    hasDate = true
                }
            case 6: if fields.holds("expect", at: entry.name) { expect.note(entry) }
            case 7: if fields.holds("upgrade", at: entry.name) { hasUpgrade = true }
            case 10: if fields.holds("connection", at: entry.name) { noteOptions(entry.value, of: fields) }
            case 14: if fields.holds("content-length", at: entry.name) { contentLength.note(entry) }
            case 17:
                if fields.holds("transfer-encoding", at: entry.name) {
                    transferEncoding.note(entry)
                } else if fields.holds("sec-websocket-key", at: entry.name) {
                    hasHandshakeKey = true
                }
            default: continue
            }
        }
    }

    private mutating func noteOptions(_ list: Range<Int>, of fields: borrowing HeaderFields) {
        var remaining = list
        while let option = fields.nextElement(in: &remaining) {
            switch option.count {
            case 5: if fields.holds("close", at: option) { hasClose = true }
            case 7: if fields.holds("upgrade", at: option) { hasUpgradeOption = true }
            case 10: if fields.holds("keep-alive", at: option) { hasKeepAlive = true }
            default: continue
            }
        }
    }
}

extension HeaderFields {
    /// Whether there is a field of a name, which is given in lower case. Allocates nothing, and looks at few bytes.
    package func has(_ name: StaticString) -> Bool {
        entries.contains { $0.nameLength == name.utf8CodeUnitCount && holds(name, at: $0.name) }
    }

    /// The fields of a name, which is given in lower case. Allocates nothing.
    func occurrence(of name: StaticString) -> FieldIndex.Occurrence {
        var occurrence = FieldIndex.Occurrence()
        for entry in entries where entry.nameLength == name.utf8CodeUnitCount && holds(name, at: entry.name) {
            occurrence.note(entry)
        }
        return occurrence
    }

    /// Whether a token is an element of the list of a name, both in lower case. Allocates nothing.
    func lists(_ token: StaticString, in name: StaticString) -> Bool {
        for entry in entries where entry.nameLength == name.utf8CodeUnitCount && holds(name, at: entry.name) {
            var remaining = entry.value
            while let element = nextElement(in: &remaining) {
                if holds(token, at: element) { return true }
            }
        }
        return false
    }

    /// Whether a text in lower case stands in the range, in any case.
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        let bytes = bytes.span
        guard range.count == text.utf8CodeUnitCount, range.upperBound <= bytes.count else { return false }
        for offset in 0..<range.count {
            // SAFETY: offset is below the count of the text and of the range, which lies inside the span.
            let (byte, expected) = unsafe (bytes[unchecked: range.lowerBound &+ offset], text.utf8Start[offset])
            guard byte.asciiLowercased == expected else { return false }
        }
        return true
    }
}

extension HeaderFields {
    /// Whether there is a Date or a Server, which a server that has defaults for them leaves alone. Allocates nothing.
    package var hasDateOrServer: Bool {
        entries.contains { entry in
            switch entry.nameLength {
            case 4: holds("date", at: entry.name)
            case 6: holds("server", at: entry.name)
            default: false
            }
        }
    }
}
