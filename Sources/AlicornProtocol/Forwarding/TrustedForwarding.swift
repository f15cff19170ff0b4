// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Which proxies are believed when a request's header fields tell who their client is, and which fields.
///
/// One kind of field is looked at and never the other: a proxy that writes one passes the other on as its client wrote it.
public struct TrustedForwarding: Sendable, Hashable {
    /// Where proxies tell it.
    public enum Fields: Sendable, Hashable {
        /// `Forwarded` (RFC 7239).
        case forwarded
        /// `X-Forwarded-For` and `X-Forwarded-Proto`.
        case xForwarded
    }

    /// The fields that the proxies write.
    public var fields: Fields
    /// The proxies.
    public var proxies: TrustedProxies

    /// Believes those proxies, and what they write there.
    public init(_ fields: Fields, from proxies: TrustedProxies) {
        self.fields = fields
        self.proxies = proxies
    }

    /// Who sent a request, as far as trusted proxies tell.
    package struct Client: Sendable, Hashable {
        package var address: HostAddress
        /// 0 where it is not told.
        package var port: UInt16
        package var isSecure: Bool?
    }

    /// What trusted proxies tell of a request.
    package enum Told: Sendable, Hashable {
        case client(Client)
        /// Only whether the client came over TLS.
        case isSecure(Bool)
    }

    /// What is told of a request.
    ///
    /// - Parameter peer: who sent the request over the wire; `nil` on a Unix socket.
    /// - Returns: `nil` when the peer itself is what counts: it is not trusted, or it tells nothing that can be read.
    package func told(in request: RequestHead, from peer: HostAddress?) -> Told? {
        guard proxies.contains(peer), isTold(in: request.fields) else { return nil }
        if let client = client(of: request) { return .client(client) }
        // The last that tells it counts.
        return fields == .xForwarded ? ForwardedElements.lastScheme(in: request.fields).map { .isSecure($0) } : nil
    }

    /// The client alone; as above.
    package func client(of request: RequestHead, from peer: HostAddress?) -> Client? {
        guard case .client(let client)? = told(in: request, from: peer) else { return nil }
        return client
    }

    /// The last in the list that is not a proxy of ours, as everything before it is only what that client says. When all are
    /// proxies of ours it is the first.
    private func client(of request: RequestHead) -> Client? {
        let elements =
            switch fields {
            case .forwarded: ForwardedElements.standard(in: request.fields) ?? []
            case .xForwarded: ForwardedElements.customary(in: request.fields)
            }
        var client: Client?
        for element in elements.reversed() {
            // Who is hidden may be anybody, so what stands before is not to be trusted.
            guard let address = element.address else { break }
            client = Client(address: address, port: element.port ?? 0, isSecure: element.isSecure)
            guard proxies.contains(address) else { break }
        }
        return client
    }

    /// Whether a request has any of the fields: mostly there are none.
    private func isTold(in request: borrowing HeaderFields) -> Bool {
        switch fields {
        case .forwarded: request.has("forwarded")
        case .xForwarded: request.has("x-forwarded-for") || request.has("x-forwarded-proto")
        }
    }
}
