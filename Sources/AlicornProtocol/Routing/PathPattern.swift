// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The paths that a route is for, such as `/rooms/{id:int}/{name}`: segments that are texts or parameters.
///
/// The texts are as people read them: `/straße` is for `/stra%C3%9Fe`.
struct PathPattern: Sendable, Hashable {
    /// What stands between two slashes.
    enum Segment: Sendable, Hashable {
        case text(String)
        case parameter(name: String, PathConverter)
    }

    let segments: [Segment]

    init(_ text: String) throws(RoutingMisuse) {
        guard text.first == "/" else { throw .noLeadingSlash(text) }
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if case .parameter(_, .path)? = segments.last { throw .pathNotLast(text) }
            let segment = try Self.segment(part, of: text)
            if case .parameter(let name, _) = segment {
                guard names.insert(name).inserted else { throw .repeatedParameter(name, pattern: text) }
            }
            segments.append(segment)
        }
        self.segments = segments
    }

    private static func segment(_ part: Substring, of pattern: String) throws(RoutingMisuse) -> Segment {
        guard part.contains("{") || part.contains("}") else { return .text(String(part)) }
        let inner = part.dropFirst().dropLast()
        guard part.first == "{", part.last == "}", !inner.contains("{"), !inner.contains("}") else {
            throw .malformedParameter(String(part), pattern: pattern)
        }
        let words = inner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = words.first, !name.isEmpty else {
            throw .malformedParameter(String(part), pattern: pattern)
        }
        guard words.count > 1 else { return .parameter(name: String(name), .string) }
        guard let converter = PathConverter(rawValue: String(words[1])) else {
            throw .unknownConverter(String(words[1]), pattern: pattern)
        }
        return .parameter(name: String(name), converter)
    }
}

/// What a parameter of a path may be; in the order in which they are tried.
enum PathConverter: String, Sendable, Hashable, CaseIterable {
    /// Digits for a number of 0 to `Int.max`.
    case int
    /// A UUID in the form of RFC 9562 §4, in either case.
    case uuid
    /// A segment that is not empty.
    case string
    /// All segments that are left: at least one, and none of them `.` or `..`.
    case path

    /// Whether the text of one segment, or for ``path`` of the last of several, is of that kind.
    func accepts(_ segment: String) -> Bool {
        switch self {
        case .int: !segment.isEmpty && segment.utf8.allSatisfy(\.isDigit) && Int(segment) != nil
        case .uuid: Self.isUUID(Array(segment.utf8))
        case .string: !segment.isEmpty
        case .path: segment != "." && segment != ".."
        }
    }

    private static func isUUID(_ text: [UInt8]) -> Bool {
        guard text.count == 36 else { return false }
        return text.indices.allSatisfy { index in
            [8, 13, 18, 23].contains(index) ? text[index] == UInt8(ascii: "-") : text[index].hexadecimalValue != nil
        }
    }
}
