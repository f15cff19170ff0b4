// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// The header fields that every answer gets, whoever makes it (U-DH-01 to U-DH-06, P-06, P-21).
package struct DefaultFields: Sendable {
    /// The value of `server`; `nil` for none.
    package var server: String?
    /// Whether there is a `date`.
    package var hasDate: Bool
    /// What else there is. A `server` here takes the place of the other one (U-DH-06).
    package var additional: HeaderFields

    package init(server: String? = "alicorn", hasDate: Bool = true, additional: HeaderFields = HeaderFields()) {
        self.server = server
        self.hasDate = hasDate
        self.additional = additional
    }

    /// The fields, less those that a response has itself: names are in lower case, as uvicorn's are (U-DH-02).
    func fields(date: String, besides own: HeaderFields = HeaderFields()) -> HeaderFields {
        var fields = HeaderFields()
        // Date and names are ours, and the rest was checked when it was put together.
        if hasDate, !own.contains("date") { try? fields.append(name: "date", value: date) }
        if let server, !additional.contains("server"), !own.contains("server") {
            try? fields.append(name: "server", value: server)
        }
        for index in 0..<additional.count {
            let field = additional[index]
            let isOwn = own.contains(field.name) && ["date", "server"].contains(field.name.lowercased())
            if !isOwn { try? fields.append(name: field.name, value: field.value) }
        }
        return fields
    }
}

/// The default fields as they go over the wire, made anew when the date changes. Confined to a loop.
final class DefaultFieldsCache {
    private let defaults: DefaultFields
    private var date = ""
    private var serialized = SerializedFields.none

    init(_ defaults: DefaultFields) { self.defaults = defaults }

    /// What goes in front of a response's own fields; a response that has its own date or server keeps those.
    func fields(date: String, besides own: borrowing HeaderFields) -> SerializedFields {
        guard !own.hasDateOrServer else {
            return SerializedFields(defaults.fields(date: date, besides: copy own))
        }
        if date != self.date {
            self.date = date
            serialized = SerializedFields(defaults.fields(date: date))
        }
        return serialized
    }
}
