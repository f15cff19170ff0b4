// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Finds what a path is for.
///
/// From left to right, a segment that a pattern names counts more than a parameter, `int` and `uuid` more than `string`,
/// and that more than `path`; what comes to nothing further right gives way to the next. The order of adding has no
/// effect, and no two patterns are for exactly the same paths.
///
/// A tree of segments: each of its nodes is looked at once at most, with one segment of the path, so that the time is
/// linear in the path.
package struct RouteTable<Value: Sendable>: Sendable {
    private var nodes = [Node()]

    private struct Node: Sendable {
        var texts: [String: Int] = [:]
        /// By converter, in the order in which they are tried.
        var parameters: [Int?] = Array(repeating: nil, count: PathConverter.allCases.count)
        var route: Route?
    }

    private struct Route: Sendable {
        let names: [String]
        var value: Value
    }

    package init() {}

    /// Adds what paths of that pattern are for, or changes it.
    ///
    /// - Parameter change: gets what is there already, or `nil`, and gives what is to be there.
    /// - Throws: ``RoutingMisuse`` when the pattern is malformed, when it is there with other names of parameters, or what
    ///   `change` throws.
    package mutating func update(
        _ text: String, _ change: (Value?) throws(RoutingMisuse) -> Value
    ) throws(RoutingMisuse) {
        let pattern = try PathPattern(text)
        var copy = self
        let node = copy.makeNode(for: pattern)
        let names = Self.names(in: pattern)
        let existing = copy.nodes[node].route
        if let existing, existing.names != names { throw .ambiguous(text) }
        copy.nodes[node].route = Route(names: names, value: try change(existing?.value))
        self = copy
    }

    /// The names of a pattern's parameters, from left to right.
    package static func names(in pattern: String) throws(RoutingMisuse) -> [String] {
        names(in: try PathPattern(pattern))
    }

    private static func names(in pattern: PathPattern) -> [String] {
        pattern.segments.compactMap { if case .parameter(let name, _) = $0 { name } else { nil } }
    }

    private mutating func makeNode(for pattern: PathPattern) -> Int {
        var node = 0
        for segment in pattern.segments {
            let next: Int?
            switch segment {
            case .text(let text): next = nodes[node].texts[text]
            case .parameter(_, let converter): next = nodes[node].parameters[converter.place]
            }
            if let next {
                node = next
                continue
            }
            switch segment {
            case .text(let text): nodes[node].texts[text] = nodes.count
            case .parameter(_, let converter): nodes[node].parameters[converter.place] = nodes.count
            }
            node = nodes.count
            nodes.append(Node())
        }
        return node
    }

    // MARK: - Looking up

    /// What a path is for, as it stands in a request: escaped, and without the query.
    ///
    /// - Returns: `nil` when no pattern fits, or when the path has a broken escape or is not UTF-8.
    package func find(_ path: some StringProtocol) -> (value: Value, parameters: PathParameters)? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var segments: [String] = []
        // Escaped slashes are none: it is cut before escapes are resolved.
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let bytes = PercentEncoding.decode(Array(part)[...]),
                let text = String(validating: bytes, as: UTF8.self)
            else { return nil }
            segments.append(text)
        }
        var texts: [String] = []
        guard let route = find(segments[...], from: 0, &texts) else { return nil }
        return (route.value, PathParameters(Array(zip(route.names, texts).map { (name: $0, text: $1) })))
    }

    /// As deep as the longest pattern is long, however long the path.
    private func find(_ segments: ArraySlice<String>, from node: Int, _ texts: inout [String]) -> Route? {
        guard let segment = segments.first else { return nodes[node].route }
        if let next = nodes[node].texts[segment], let route = find(segments.dropFirst(), from: next, &texts) {
            return route
        }
        for converter in PathConverter.allCases {
            guard let next = nodes[node].parameters[converter.place] else { continue }
            let isRest = converter == .path
            guard isRest ? segments.allSatisfy(converter.accepts) : converter.accepts(segment) else { continue }
            texts.append(isRest ? segments.joined(separator: "/") : segment)
            if let route = find(isRest ? [] : segments.dropFirst(), from: next, &texts) { return route }
            texts.removeLast()
        }
        return nil
    }
}

extension PathConverter {
    /// Where it stands among all.
    fileprivate var place: Int {
        switch self {
        case .int: 0
        case .uuid: 1
        case .string: 2
        case .path: 3
        }
    }
}
