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
        let fields = request.fields
        let key = fields.occurrence(of: "sec-websocket-key")
        guard key.count > 0 else { throw .missingKey }
        guard key.count == 1 else { throw .repeatedKey }
        text = fields.text(key.value)
        guard Base64.is16Bytes(fields.bytes.span.extracting(key.value)) else { throw .invalidKey(text) }
    }

    /// The value of `Sec-WebSocket-Accept` that answers this key (RFC 6455 §4.2.2, item 5.4).
    public var accept: String { Base64.encode(proof) }

    /// Appends ``accept``, which has 28 characters.
    func appendAccept(to output: inout OutputSpan<UInt8>) { Base64.append(proof, to: &output) }

    private var proof: [UInt8] {
        var message: [UInt8] = []
        message.append(addingCapacity: text.utf8.count + Self.guid.utf8CodeUnitCount) { message in
            message.append(utf8: text)
            message.append(Self.guid)
        }
        return SHA1.digest(of: message)
    }

    /// RFC 6455 §1.3.
    private static var guid: StaticString { "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" }
}
