// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The peers that are believed when they say who their client is.
public struct TrustedProxies: Sendable, Hashable {
    /// Where they have their addresses.
    public var networks: [IPNetwork]
    /// Whether peers on Unix sockets are among them; the permissions of the socket's file say who these may be.
    public var includesUnixSockets: Bool

    /// Takes networks, such as `10.0.0.0/8` or `::1`, and `unix` for peers on Unix sockets.
    ///
    /// - Throws: ``InvalidNetwork`` for anything else.
    public init(_ texts: [String]) throws(InvalidNetwork) {
        networks = []
        for text in texts where text != "unix" { networks.append(try IPNetwork(text)) }
        includesUnixSockets = texts.contains("unix")
    }

    /// Whether the peer is one of them.
    ///
    /// - Parameter address: `nil` for a peer on a Unix socket.
    package func contains(_ address: HostAddress?) -> Bool {
        guard let address else { return includesUnixSockets }
        return networks.contains { $0.contains(address) }
    }
}
