// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where the fields stand that decide about a message's framing and its connection, found in one pass.
struct FieldIndex: Sendable {
    /// The fields of one name: how many, and the value of the first.
    struct Occurrence: Sendable {
        var count = 0
        var value = 0..<0
    }

    private(set) var host = Occurrence()
    private(set) var expect = Occurrence()
    private(set) var contentLength = Occurrence()
    private(set) var transferEncoding = Occurrence()
    private(set) var hasUpgrade = false
    private(set) var hasConnection = false

    init(_ fields: HeaderFields) {
        for entry in fields.entries {
            // The length tells nearly all other names apart.
            switch entry.name.count {
            case 4: note(entry, "host", of: fields, in: &host)
            case 6: note(entry, "expect", of: fields, in: &expect)
            case 7: hasUpgrade = hasUpgrade || fields.matches(entry, "upgrade")
            case 10: hasConnection = hasConnection || fields.matches(entry, "connection")
            case 14: note(entry, "content-length", of: fields, in: &contentLength)
            case 17: note(entry, "transfer-encoding", of: fields, in: &transferEncoding)
            default: continue
            }
        }
    }

    private func note(
        _ entry: HeaderFields.Entry, _ name: String, of fields: HeaderFields, in occurrence: inout Occurrence
    ) {
        guard fields.matches(entry, name) else { return }
        if occurrence.count == 0 { occurrence.value = entry.value }
        occurrence.count += 1
    }
}
