// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The limits and times of one connection. All limits are on unless switched off.
public struct ProtocolConfiguration: Sendable {
    /// The longest message accepted, in bytes after decompression, inclusive; `nil` for no limit (LIM-01).
    public var maximumMessageSize: Int? = 1 << 20
    /// The longest frame accepted, in bytes on the wire, inclusive; `nil` leaves it to the limit on messages.
    public var maximumFrameSize: Int?
    /// The most frames that one message may come in; `nil` leaves it to the limit on messages, of which each frame is
    /// charged 16 bytes beyond the first 4096 (RCV-10).
    public var maximumFragments: Int?
    /// The longest frame that is sent, in bytes on the wire: longer messages go out in fragments. `nil` for one frame for
    /// each message (SND-14).
    public var fragmentSize: Int?
    /// How often a keepalive ping is sent; `nil` or zero for none (KA-01).
    public var pingInterval: Duration? = .seconds(20)
    /// How long after a keepalive ping the peer may stay silent; `nil` does not wait for pongs (KA-05).
    public var pingTimeout: Duration? = .seconds(20)
    /// How long closing may take altogether: close frames and the end of TCP (CL-05).
    public var closeTimeout: Duration = .seconds(10)
    /// How long the answer to the peer's close frame or fault waits for the application to take what came before it.
    public var deliveryGrace: Duration = .milliseconds(250)
    /// Whether pings are answered, as RFC 6455 §5.5.2 wants it; not so for peers that are to be tested against one that fails.
    package var answersPings = true

    /// Creates the defaults.
    public init() {}
}
