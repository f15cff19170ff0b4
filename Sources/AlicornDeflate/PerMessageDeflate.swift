// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// permessage-deflate on one connection, after its parameters were agreed upon (RFC 7692 §7).
///
/// It is confined to the connection's isolation, as ``MessageTransform`` demands. Memory: an object of about 150 bytes,
/// and a context for each direction, from the first message that needs it. With context takeover it stays until the
/// connection goes. Without, it goes back at the end of each message to where all connections of the process take
/// theirs from; at most 16 for each direction are kept there for the next messages, which is seldom more than one for
/// each thread. In bytes, with w for the agreed window bits and m for ``CompressionSettings/memoryLevel``:
///
/// - sending 2^(w+2) + 2^(m+9) + 6 KiB: 38 KiB with 12 and 5, 262 KiB with 15 and 8 (zlib's own default);
/// - receiving 2^w + 7 KiB: 11 KiB with 12, 39 KiB with 15.
///
/// So what is kept is at most 0.8 MiB with the server's defaults, and 4.7 MiB with the greatest windows and zlib's own
/// memory level.
public final class PerMessageDeflate: MessageTransform {
    /// What was agreed for the messages of one direction.
    public struct Direction: Sendable, Hashable {
        /// The largest window that the sender may use.
        public var maxWindowBits: WindowBits

        /// Whether a message may refer to the messages before it (RFC 7692 §7.1.1).
        public var contextTakeover: Bool

        /// Creates an agreement; by default it is what counts where nothing is negotiated.
        public init(maxWindowBits: WindowBits = .largest, contextTakeover: Bool = true) {
            self.maxWindowBits = maxWindowBits
            self.contextTakeover = contextTakeover
        }
    }

    /// What was agreed for outgoing messages.
    public let sending: Direction

    /// What was agreed for incoming messages.
    public let receiving: Direction

    /// How outgoing messages are compressed.
    public let settings: CompressionSettings

    private var compressor: Compressor
    private var decompressor: Decompressor

    /// Creates the transform of one connection.
    ///
    /// - Precondition: `sending.maxWindowBits` is not 8, with which zlib cannot compress.
    public init(sending: Direction, receiving: Direction, settings: CompressionSettings = CompressionSettings()) {
        precondition(sending.maxWindowBits.isFitForCompression, "a window for compressing has 9 to 15 bits")
        self.sending = sending
        self.receiving = receiving
        self.settings = settings
        compressor = Compressor(sending, settings)
        decompressor = Decompressor(receiving)
    }

    /// Whether a message of this length reaches the threshold of the settings.
    public func isWorthTransforming(length: Int) -> Bool { length >= settings.threshold }

    /// Compresses a piece of a message and appends the result (RFC 7692 §7.2.1).
    ///
    /// Costs one or two calls of zlib for each 64 KiB, and no memory besides the growth of `output`. A piece without bytes
    /// adds nothing, as the last one the single byte 00.
    public func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
        compressor.encode(piece, endsMessage: endsMessage, into: &output)
    }

    /// The window that a message of this length needs, not above the agreed one, with level and memory level.
    public func standaloneForm(length: Int) -> UInt32? { compressor.standaloneForm(length: length) }

    /// Compresses a message from an empty window, with a context that is not this connection's.
    ///
    /// Any inflater can read it whose window is large enough, whatever it has read before: a distance never reaches back
    /// behind the message's own beginning.
    public func encodeStandalone(_ message: Span<UInt8>, into output: inout [UInt8]) {
        compressor.encodeStandalone(message, into: &output)
    }

    /// Lets go of the context for sending: it knows nothing of the message that the peer's window will have, and what it
    /// would refer to lies farther back there.
    public func willSendStandalone() { compressor.releaseContext() }

    /// Restores a piece of a message and appends at most `capacity` bytes (RFC 7692 §7.2.2).
    ///
    /// ``DecodeProgress/hasMoreOutput`` is exact: at least one more byte will come, so that a message of just the
    /// capacity is told from a longer one. `output` grows by at most 64 KiB beyond what was restored, but for the doubling
    /// that arrays do.
    ///
    /// - Throws: ``TransformFailure`` for data that is corrupt or truncated. The context is freed then, and each further
    ///   call throws the same.
    public func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress {
        try decompressor.decode(input, from: &position, endsMessage: endsMessage, into: &output, capacity: capacity)
    }

    /// Whether a context for sending is held at the moment.
    var holdsSendingContext: Bool { compressor.holdsContext }

    /// Whether a context for receiving is held at the moment.
    var holdsReceivingContext: Bool { decompressor.holdsContext }
}
