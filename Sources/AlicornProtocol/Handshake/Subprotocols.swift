// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The subprotocols that a server speaks, and how it chooses one of a client's offer (RFC 6455 §1.9, §4.2.2).
public struct Subprotocols: Sendable, Hashable {
    /// What happens to a client with which no subprotocol can be agreed on.
    public enum Policy: Sendable, Hashable {
        /// It is refused with 400.
        case required
        /// It is refused with 400 if it offered some, and accepted without a subprotocol if it offered none.
        case requiredWhenOffered
        /// It is accepted without a subprotocol. Browsers then fail the connection on their side.
        case optional
    }

    /// The names that the server speaks, the preferred ones first.
    public let supported: [String]
    /// What happens when none of them is offered.
    public let policy: Policy

    /// Takes the names that the server speaks, the preferred ones first.
    ///
    /// - Throws: ``HandshakeMisuse`` when one is not a token or stands there twice.
    public init(_ supported: [String], policy: Policy = .required) throws(HandshakeMisuse) {
        try Self.check(supported)
        self.supported = supported
        self.policy = policy
    }

    /// The first of the **server's** names that the client offers, compared exactly (RFC 6455 §4.2.2, item 5).
    ///
    /// - Returns: `nil` when none is offered and the ``policy`` lets that pass.
    /// - Throws: ``HandshakeFailure`` when it does not.
    public func choose(from offered: [String]) throws(HandshakeFailure) -> String? {
        let offer = Set(offered)
        if let choice = supported.first(where: offer.contains) { return choice }
        switch policy {
        case .required where offered.isEmpty: throw .missingSubprotocol(supported: supported)
        case .required,
            .requiredWhenOffered where !offered.isEmpty:
            throw .noCommonSubprotocol(offered: offered, supported: supported)
        case .requiredWhenOffered, .optional: return nil
        }
    }

    /// The names that a request offers, in the client's order of preference; an empty header offers none.
    ///
    /// - Throws: ``HandshakeFailure`` when one is not a token or is offered twice (RFC 6455 §4.1, item 10).
    public static func offered(in request: RequestHead) throws(HandshakeFailure) -> [String] {
        // Most requests offer none.
        guard request.fields.occurrence(of: "sec-websocket-protocol").count > 0 else { return [] }
        let offered: [String]
        do {
            offered = try request.fields.tokens(of: header)
        } catch { throw .malformedList(error) }
        if let repeated = firstRepeated(in: offered) { throw .repeatedSubprotocol(repeated) }
        return offered
    }

    /// Checks names that our own side offers or supports.
    static func check(_ names: [String]) throws(HandshakeMisuse) {
        for name in names where name.isEmpty || !name.utf8.allSatisfy(\.isTokenCharacter) { throw .subprotocol(name) }
        if let repeated = firstRepeated(in: names) { throw .repeatedSubprotocol(repeated) }
    }

    static let header = "Sec-WebSocket-Protocol"

    private static func firstRepeated(in names: [String]) -> String? {
        guard names.count > 1 else { return nil }
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }
    }
}
