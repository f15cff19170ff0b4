// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What an extension that owns RSV1 does to the payload of data messages, for one connection (RFC 7692 §6).
///
/// A message is transformed in pieces, both ways, so that neither side ever holds more than one piece of its own.
/// The core calls it for one message at a time in each direction, from one isolation.
public protocol MessageTransform: AnyObject {
    /// Whether an outgoing message is worth transforming by the extension's own settings (its threshold).
    ///
    /// - Parameter length: the bytes of the first piece, which is the whole message when it is not fragmented.
    func isWorthTransforming(length: Int) -> Bool

    /// Transforms a piece of an outgoing message and appends the result to `output`.
    ///
    /// - Parameter endsMessage: whether this is the last piece. With permessage-deflate each piece ends in a sync flush,
    ///   and of the last one the four bytes `00 00 ff ff` are removed (RFC 7692 §7.2.1).
    func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8])

    /// What a whole outgoing message of that length becomes if it refers to nothing before it, as a number: transforms that
    /// say the same make the same of the same message, which then is made once for many connections.
    ///
    /// - Returns: `nil`, unless defined otherwise, when each connection has to make its own.
    func standaloneForm(length: Int) -> UInt32?

    /// Transforms a whole message without a reference to anything before it, and appends the result to `output`.
    ///
    /// It need not go out on this connection. What ``encode(_:endsMessage:into:)`` will do must not depend on it.
    func encodeStandalone(_ message: Span<UInt8>, into output: inout [UInt8])

    /// A message that was made by ``encodeStandalone(_:into:)``, of this transform or another one, goes out: later
    /// messages must not refer to anything before it, which the receiver no longer has where this side believes it.
    func willSendStandalone()

    /// Restores a piece of an incoming message and appends at most `capacity` bytes to `output`.
    ///
    /// Called again with the same arguments but an advanced `position` until it answers ``DecodeProgress/needsInput``
    /// or ``DecodeProgress/endOfMessage``.
    ///
    /// - Parameters:
    ///   - input: the bytes that arrived, read from `position` on, which is advanced by what was consumed.
    ///   - endsMessage: whether `input` ends the message.
    /// - Throws: ``TransformFailure`` when the data is not what the extension prescribes; the connection fails then, and
    ///   the transform is not used again for receiving.
    func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress
}

extension MessageTransform {
    /// Each connection makes its own.
    public func standaloneForm(length: Int) -> UInt32? { nil }
    /// Transforms the message as any other one.
    public func encodeStandalone(_ message: Span<UInt8>, into output: inout [UInt8]) {
        encode(message, endsMessage: true, into: &output)
    }
    /// Does nothing.
    public func willSendStandalone() {}
}

/// How far a call of ``MessageTransform/decode(_:from:endsMessage:into:capacity:)`` came.
public enum DecodeProgress: Sendable, Hashable {
    /// All of the input is used up; the message goes on in the next piece.
    case needsInput
    /// The capacity was reached, there is more to come out of this input.
    case hasMoreOutput
    /// All of the input is used up and the message is complete.
    case endOfMessage
}

/// Why received data could not be restored, as it goes into the close frame's reason.
public struct TransformFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public var description: String

    /// Creates a failure with its sentence.
    public init(_ description: String) { self.description = description }
}
