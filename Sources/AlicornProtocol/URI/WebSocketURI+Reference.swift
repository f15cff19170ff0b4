// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension WebSocketURI {
    /// The address that a reference in an answer from this one means, as a `Location` has it (RFC 3986 §5.2, RFC 9110
    /// §10.2.2).
    ///
    /// A reference without a host keeps ours. On the same origin our user name and password stay, unless it has others.
    /// `http` and `https` stand for `ws` and `wss`, as they do in an opening handshake; a fragment means nothing here.
    ///
    /// - Throws: ``InvalidURI``
    package func resolving(_ reference: String) throws(InvalidURI) -> WebSocketURI {
        let target = try resolvingAlone(reference)
        return target.credentials == nil && target.hasSameOrigin(as: self) ? target.with(credentials) : target
    }

    private func resolvingAlone(_ reference: String) throws(InvalidURI) -> WebSocketURI {
        var reference = reference[..<(reference.firstIndex(of: "#") ?? reference.endIndex)]
        for (scheme, ours) in [("http://", "ws://"), ("https://", "wss://")] where reference.hasASCIIPrefix(scheme) {
            reference = ours + reference.dropFirst(scheme.count)
        }
        if Self.hasScheme(reference) { return try WebSocketURI(String(reference)).withoutDotSegments }
        let scheme = isSecure ? "wss" : "ws"
        if reference.hasPrefix("//") { return try WebSocketURI("\(scheme):\(reference)").withoutDotSegments }
        let target = Self.merge(reference, withPath: path, query: query)
        return try WebSocketURI("\(scheme)://\(authority)\(target)")
    }

    /// Whether both are served by the same server, to which credentials may go (RFC 6454 §4).
    package func hasSameOrigin(as other: WebSocketURI) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    /// A scheme ends at a colon before any slash, question mark or number sign (RFC 3986 §4.2).
    private static func hasScheme(_ reference: Substring) -> Bool {
        reference.first { ":/?#".contains($0) } == ":"
    }

    /// Path and query of a reference that has neither scheme nor authority (RFC 3986 §5.2.2).
    private static func merge(_ reference: Substring, withPath path: String, query: String?) -> String {
        if reference.isEmpty { return path + (query.map { "?\($0)" } ?? "") }
        let end = reference.firstIndex(of: "?") ?? reference.endIndex
        if end == reference.startIndex { return path + reference }
        let folder = reference.hasPrefix("/") ? "" : path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
        return withoutDotSegments(folder + reference[..<end]) + reference[end...]
    }

    private var withoutDotSegments: Self { with(path: Self.withoutDotSegments(path[...])) }

    /// RFC 3986 §5.2.4, for a path that begins with a slash.
    private static func withoutDotSegments(_ path: Substring) -> String {
        var kept: [Substring] = []
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            switch segment {
            case ".": break
            case "..": _ = kept.popLast()
            default:
                kept.append(segment)
                continue
            }
            if index == segments.count - 1 { kept.append("") }
        }
        return "/" + kept.joined(separator: "/")
    }
}

extension Substring {
    fileprivate func hasASCIIPrefix(_ prefix: String) -> Bool { self.prefix(prefix.count).lowercased() == prefix }
}
