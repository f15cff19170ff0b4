// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import Foundation

extension ServerSettings {
    /// HTTP responses.
    public struct HTTP: Sendable, Hashable {
        /// The path below which the application lies for its clients (U-C-38).
        public var rootPath = ""
        /// Whether responses name the server, unless the application does (U-C-35).
        public var sendsServer = true
        /// Whether responses tell the time, unless the application does (U-C-36).
        public var sendsDate = true
        /// More fields for each response, checked: they can be appended to ``HeaderFields`` (U-C-37, P-25).
        public var fields: [HeaderField] = []

        mutating func read(_ options: inout OptionReader) {
            options.read("root-path", .asciiText, into: &rootPath)
            options.read("server-header", .boolean, into: &sendsServer)
            options.read("date-header", .boolean, into: &sendsDate)
            options.read("header", each: .field, by: .spaces, plural: "headers", into: &fields)
        }
    }
}

extension OptionType where Value == HeaderField {
    fileprivate static var field: Self {
        Self("a header as Name:Value, of characters that may stand in one", isText: true) { text in
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            let field = HeaderField(name: String(text[..<colon]), value: value)
            var fields = HeaderFields()
            return (try? fields.append(name: field.name, value: field.value)).map { field }
        }
    }
}
