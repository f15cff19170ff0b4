// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Foundation

/// What was given for an option, as far as the place where it stands can tell.
enum GivenValue: Sendable, Hashable {
    case text(String)
    case number(String)
    case boolean(Bool)
    case list([GivenValue])
    case null

    /// As it is named in a sentence.
    ///
    /// - Parameter isText: whether any text will do. The fault is the kind of the value then, and nothing shows the value:
    ///   it may be a password.
    func description(where isText: Bool) -> String {
        switch self {
        case .text(let text): "\(Excerpt(text))"
        case .number(let text): isText ? "a number" : "the number \(text)"
        case .boolean(let value): isText ? "a boolean" : "\(value)"
        case .list: "a list"
        case .null: "null"
        }
    }

    /// The text to read a value from; `nil` where there is none.
    ///
    /// - Parameter isText: whether any text will do.
    private func text(for isText: Bool) -> String? {
        switch self {
        case .text(let text): isText ? text : text.trimmingCharacters(in: .whitespaces)
        case .number(let text): isText ? nil : text
        case .boolean(let value): isText ? nil : "\(value)"
        case .list, .null: nil
        }
    }

    /// Reads a value of that type.
    ///
    /// - Returns: `nil` when it is none.
    func value<Value>(_ type: OptionType<Value>) -> Value? { text(for: type.isText).flatMap(type.parse) }
}
