// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How many clients a server takes, and how often they may come. All are off by default.
///
/// A client is an IPv4 address, or the first 64 bits of an IPv6 address; clients on Unix sockets have none and are not told
/// apart. Behind proxies it is the address that a trusted one tells.
public struct ClientLimits: Sendable, Hashable {
    /// Open connections in all, HTTP and WebSocket: who comes when there are more is answered with 503, and who comes when
    /// there are an eighth more than that is cut.
    public var connections: Int?
    /// Open connections of one client: more are answered with 429. A trusted proxy's are not counted until it has told
    /// who its client is.
    public var connectionsPerClient: Int?
    /// Opening handshakes in all: those beyond are answered with 429 and `Retry-After`, before anything else is asked.
    public var handshakes: EventRate?
    /// Opening handshakes of one client: the same.
    public var handshakesPerClient: EventRate?
    /// How many clients are told apart by ``handshakesPerClient``, twice, at some 100 bytes each; those for whom there is
    /// no room share one limit.
    public var rememberedClients = 10_000

    /// None.
    public init() {}
}
