// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The value of `Sec-WebSocket-Key`, and the proof that a server read it (RFC 6455 §1.3).
public struct HandshakeKey: Sendable, Hashable {
    /// The header's value: the base64 form of 16 bytes.
    public let text: String

    /// Makes a client's key of 16 random bytes (RFC 6455 §4.1, item 7).
    public init(using generator: inout some RandomNumberGenerator) {
        let halves = [generator.next(), generator.next()]
        let bytes = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> ($0 * 8 as UInt64)) } }
        text = Base64.encode(bytes)
    }

    /// Reads the key of a request: exactly one, strict base64, 16 bytes (RFC 6455 §4.2.1, item 5).
    ///
    /// - Throws: ``HandshakeFailure`` for a missing, a repeated or an invalid key.
    public init(in request: RequestHead) throws(HandshakeFailure) {
        let values = request.fields.values(of: "Sec-WebSocket-Key")
        guard let value = values.first else { throw .missingKey }
        guard values.count == 1 else { throw .repeatedKey }
        guard Base64.decode(value)?.count == 16 else { throw .invalidKey(value) }
        text = value
    }

    /// The value of `Sec-WebSocket-Accept` that answers this key (RFC 6455 §4.2.2, item 5.4).
    public var accept: String { Base64.encode(SHA1.digest(of: Array((text + Self.guid).utf8))) }

    /// RFC 6455 §1.3.
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
}
