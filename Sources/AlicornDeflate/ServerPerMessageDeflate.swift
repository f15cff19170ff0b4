// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// A server's configuration of permessage-deflate and its side of the negotiation (RFC 7692 §7.1).
///
/// How the configuration and an offer make the answer; "-" is an absent parameter, N and M are window sizes:
///
/// | `no_context_takeover`, each | configured | offered | answered |
/// | --- | --- | --- | --- |
/// | | no | no | - |
/// | | no | yes | yes |
/// | | yes | yes or no | yes |
///
/// | `server_max_window_bits` | configured | offered | answered |
/// | --- | --- | --- | --- |
/// | | nil | - | - |
/// | | nil | M | M |
/// | | N | - | N |
/// | | N | M | the smaller |
/// | | any | 8 | offer declined: zlib cannot compress with that window |
///
/// | `client_max_window_bits` | configured | offered | answered |
/// | --- | --- | --- | --- |
/// | | nil | - or without value | - |
/// | | nil | M | M |
/// | | N | - | -, or offer declined when it is required |
/// | | N | without value | N |
/// | | N | M | the smaller |
///
/// What is answered binds both; what is not answered counts as context takeover with a window of 15.
public struct ServerPerMessageDeflate: ServerExtension, Hashable {
    /// Whether the server compresses each message by itself, even unasked; it then holds no context between messages.
    public let serverNoContextTakeover: Bool

    /// Whether the client must compress each message by itself; the server then holds no context between messages.
    public let clientNoContextTakeover: Bool

    /// The server's largest window, 9 to 15; `nil` leaves it to the client.
    public let serverMaxWindowBits: WindowBits?

    /// The client's largest window; `nil` leaves it to the client.
    public let clientMaxWindowBits: WindowBits?

    /// Whether offers that do not let the server limit the client's window are declined.
    public let requireClientMaxWindowBits: Bool

    /// How the server compresses.
    public let settings: CompressionSettings

    /// Creates a configuration; by default windows are 12 bits both ways, with context takeover.
    ///
    /// - Precondition: `serverMaxWindowBits` is not 8, with which zlib cannot compress.
    public init(
        serverNoContextTakeover: Bool = false,
        clientNoContextTakeover: Bool = false,
        serverMaxWindowBits: WindowBits? = 12,
        clientMaxWindowBits: WindowBits? = 12,
        requireClientMaxWindowBits: Bool = false,
        settings: CompressionSettings = CompressionSettings()
    ) {
        precondition(serverMaxWindowBits != .smallest, "a server's deflate window has 9 to 15 bits")
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
        self.requireClientMaxWindowBits = requireClientMaxWindowBits
        self.settings = settings
    }

    /// Decides about an offer by the tables above; faulty ones are declined (RFC 7692 §7.1).
    public func accept(_ offer: ExtensionDescription) -> AcceptedExtension? {
        guard offer.name == DeflateParameters.extensionName,
            let offered = try? DeflateParameters(offer.parameters, in: .offer),
            let answer = answer(to: offered)
        else { return nil }
        let transform = PerMessageDeflate(
            sending: .init(
                maxWindowBits: answer.serverMaxWindowBits ?? .largest,
                contextTakeover: !answer.serverNoContextTakeover
            ),
            receiving: .init(
                maxWindowBits: answer.clientWindowLimit ?? .largest,
                contextTakeover: !answer.clientNoContextTakeover
            ),
            settings: settings
        )
        return AcceptedExtension(answer.description, transform: transform)
    }

    private func answer(to offer: DeflateParameters) -> DeflateParameters? {
        var answer = offer
        answer.serverNoContextTakeover = offer.serverNoContextTakeover || serverNoContextTakeover
        answer.clientNoContextTakeover = offer.clientNoContextTakeover || clientNoContextTakeover

        answer.serverMaxWindowBits = [offer.serverMaxWindowBits, serverMaxWindowBits].compactMap(\.self).min()
        if let bits = answer.serverMaxWindowBits, !bits.isFitForCompression { return nil }

        switch offer.clientMaxWindowBits {
        case .notOffered:
            // RFC 7692 §7.1.2.2: the answer must not have what the offer did not allow.
            if requireClientMaxWindowBits { return nil }
        case .offered:
            answer.clientMaxWindowBits = clientMaxWindowBits.map { .limited(to: $0) } ?? .notOffered
        case .limited(let bits):
            answer.clientMaxWindowBits = .limited(to: min(bits, clientMaxWindowBits ?? bits))
        }
        return answer
    }
}
