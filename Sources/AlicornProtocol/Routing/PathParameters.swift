// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What stood in a path at the places of its route's parameters, with escapes resolved.
public struct PathParameters: Sendable, Hashable {
    private let values: [(name: String, text: String)]

    package init(_ values: [(name: String, text: String)] = []) { self.values = values }

    /// The text of a parameter, or `nil` when the route has none of that name. A `path` is all the rest of the path,
    /// in which a slash that was escaped is not to be told from one that was not.
    public subscript(_ name: String) -> String? { values.first { $0.name == name }?.text }

    /// The value of a parameter, for `let id: Int = try parameters("id")`. Where the route says `int` it never fails.
    ///
    /// - Throws: ``InvalidPathParameter`` when there is none of that name, or it is not of that type.
    public func callAsFunction<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(InvalidPathParameter) -> Value {
        guard let text = self[name], let value = Value(text) else { throw InvalidPathParameter(name: name) }
        return value
    }

    /// Whether both have the same names and texts.
    public static func == (left: Self, right: Self) -> Bool { left.values.elementsEqual(right.values, by: ==) }

    /// Hashes names and texts.
    public func hash(into hasher: inout Hasher) {
        for value in values {
            hasher.combine(value.name)
            hasher.combine(value.text)
        }
    }
}

/// A parameter of a path that a handler asked for and that is not there, or not of that type: the route and the handler do
/// not agree.
public struct InvalidPathParameter: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String

    /// What to do about it, as a sentence.
    public var description: String {
        "the path has no parameter \(Excerpt(name)) of that type: name it in the route, with a converter that fits"
    }
}
