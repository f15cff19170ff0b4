// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// A client's configuration of permessage-deflate and its side of the negotiation (RFC 7692 §7.1).
///
/// What becomes of an answer; "-" is an absent parameter, N and M are window sizes:
///
/// | parameter | offered | answered | result |
/// | --- | --- | --- | --- |
/// | `server_no_context_takeover` | no | yes or no | as answered |
/// | | yes | no | refused |
/// | | yes | yes | yes |
/// | `client_no_context_takeover` | no | yes or no | as answered |
/// | | yes | yes or no | yes: the client keeps to what it hinted |
/// | `server_max_window_bits` | - | - or M | as answered, 15 without |
/// | | N | - | refused |
/// | | N | M | M, refused above N |
/// | `client_max_window_bits` | - | M | refused |
/// | | without value | - or M | as answered, 15 without |
/// | | N | - | N: the client keeps to what it hinted |
/// | | N | M | M, refused above N |
/// | | any | 8 | refused: zlib cannot compress with that window |
public struct ClientPerMessageDeflate: ClientExtension, Hashable {
    /// Whether the server must compress each message by itself; the client then holds no context between messages.
    public let serverNoContextTakeover: Bool

    /// Whether the client compresses each message by itself; it then holds no context between messages.
    public let clientNoContextTakeover: Bool

    /// The server's largest window; `nil` leaves it to the server.
    public let serverMaxWindowBits: WindowBits?

    /// Whether the server may limit the client's window, and what it is limited to at any rate, 9 to 15.
    public let clientMaxWindowBits: ClientMaxWindowBits

    /// How the client compresses.
    public let settings: CompressionSettings

    /// Creates a configuration; by default it offers `permessage-deflate; client_max_window_bits`, which is what
    /// browsers send: some servers fail with parameters that ask for more.
    ///
    /// - Precondition: `clientMaxWindowBits` is not limited to 8, with which zlib cannot compress.
    public init(
        serverNoContextTakeover: Bool = false,
        clientNoContextTakeover: Bool = false,
        serverMaxWindowBits: WindowBits? = nil,
        clientMaxWindowBits: ClientMaxWindowBits = .offered,
        settings: CompressionSettings = CompressionSettings()
    ) {
        precondition(clientMaxWindowBits != .limited(to: .smallest), "a client's deflate window has 9 to 15 bits")
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
        self.settings = settings
    }

    /// The one offer that says what is configured.
    public var offers: [ExtensionDescription] { [offer.description] }

    /// Checks the answer by the table above.
    ///
    /// - Throws: ``ExtensionRefusal`` for an answer that is faulty or that the offer does not allow.
    public func accept(answer: ExtensionDescription) throws(ExtensionRefusal) -> AcceptedExtension {
        guard answer.name == DeflateParameters.extensionName else {
            throw ExtensionRefusal("\(answer.name), which permessage-deflate does not handle")
        }
        let agreed = try DeflateParameters(answer.parameters, in: .answer)
        if serverNoContextTakeover, !agreed.serverNoContextTakeover {
            throw ExtensionRefusal("permessage-deflate without server_no_context_takeover, which the offer demanded")
        }
        let transform = PerMessageDeflate(
            sending: .init(
                maxWindowBits: try clientWindow(agreed),
                contextTakeover: !(agreed.clientNoContextTakeover || clientNoContextTakeover)
            ),
            receiving: .init(
                maxWindowBits: try serverWindow(agreed),
                contextTakeover: !agreed.serverNoContextTakeover
            ),
            settings: settings
        )
        return AcceptedExtension(answer, transform: transform)
    }

    private var offer: DeflateParameters {
        DeflateParameters(
            serverNoContextTakeover: serverNoContextTakeover,
            clientNoContextTakeover: clientNoContextTakeover,
            serverMaxWindowBits: serverMaxWindowBits,
            clientMaxWindowBits: clientMaxWindowBits
        )
    }

    private func serverWindow(_ agreed: DeflateParameters) throws(ExtensionRefusal) -> WindowBits {
        guard let offered = serverMaxWindowBits else { return agreed.serverMaxWindowBits ?? .largest }
        guard let bits = agreed.serverMaxWindowBits else {
            throw ExtensionRefusal("permessage-deflate without server_max_window_bits, which the offer demanded")
        }
        guard bits <= offered else {
            throw ExtensionRefusal(
                "permessage-deflate with server_max_window_bits=\(bits.rawValue), above the offer's \(offered.rawValue)"
            )
        }
        return bits
    }

    private func clientWindow(_ agreed: DeflateParameters) throws(ExtensionRefusal) -> WindowBits {
        let largest: WindowBits
        switch clientMaxWindowBits {
        case .notOffered:
            guard agreed.clientMaxWindowBits == .notOffered else {
                throw ExtensionRefusal("permessage-deflate with client_max_window_bits, which was not offered")
            }
            return .largest
        case .offered: largest = .largest
        case .limited(let offered): largest = offered
        }
        guard let bits = agreed.clientWindowLimit else { return largest }
        guard bits <= largest else {
            throw ExtensionRefusal(
                "permessage-deflate with client_max_window_bits=\(bits.rawValue), above the offer's \(largest.rawValue)"
            )
        }
        guard bits.isFitForCompression else {
            throw ExtensionRefusal("permessage-deflate with client_max_window_bits=8, with which zlib cannot compress")
        }
        return bits
    }
}
