// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// A frame as a ``ScriptedPeer`` sends or receives it, whether or not the protocol allows it.
///
///     try await peer.send(.text("hello"))
///     #expect(try await peer.receiveFrame() == .text("hello"))
///
///     var wrong = ScriptedFrame.text("hello")
///     wrong.reservedBits = 0b100
///     wrong.masking = .unmasked
///     try await peer.send(wrong)
///     #expect(try await peer.receiveFrame()?.closeCode == .protocolError)
public struct ScriptedFrame: Sendable, Hashable {
    /// Whether a payload is masked.
    public enum Masking: Sendable, Hashable {
        /// As RFC 6455 §5.1 wants it: masked by a client and not by a server.
        case asRequired
        case masked
        case unmasked
    }

    /// What the frame is.
    public var opcode: Opcode
    /// Whether it is the last frame of its message (FIN).
    public var isFinal: Bool
    /// RSV1, RSV2 and RSV3 as the bits 4, 2 and 1.
    public var reservedBits: UInt8 = 0
    /// Whether the payload is masked; of a frame that was received: whether that was right.
    public var masking = Masking.asRequired
    /// The payload, not masked.
    public var payload: [UInt8]

    /// Joins the parts of a frame.
    public init(_ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
    }

    /// A text message in one frame.
    public static func text(_ text: String) -> Self { Self(.text, Array(text.utf8)) }
    /// A binary message in one frame.
    public static func binary(_ bytes: [UInt8]) -> Self { Self(.binary, bytes) }
    /// A ping.
    public static func ping(_ payload: [UInt8] = []) -> Self { Self(.ping, payload) }
    /// A pong.
    public static func pong(_ payload: [UInt8] = []) -> Self { Self(.pong, payload) }
    /// A close frame with any code, also one that must not be on the wire.
    public static func close(_ code: CloseCode, reason: String = "") -> Self {
        Self(.close, [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)] + Array(reason.utf8))
    }
    /// A close frame without a code.
    public static var close: Self { Self(.close) }

    /// The payload as text; what is not UTF-8 in it is replaced.
    public var text: String { String(decoding: payload, as: UTF8.self) }
    /// The code of a close frame that has one.
    public var closeCode: CloseCode? {
        guard opcode == .close, payload.count >= 2 else { return nil }
        return CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
    }

    /// The frame on the wire: to change some of it, or to send a part.
    public func bytes(from role: Role) -> [UInt8] {
        let key = isMasked(from: role) ? Self.maskingKey : nil
        var bytes: [UInt8] = []
        FrameHeader(opcode: opcode, fin: isFinal, payloadLength: payload.count, maskingKey: key).encode(into: &bytes)
        bytes[0] |= (reservedBits & 0b111) << 4
        let start = bytes.count
        bytes += payload
        if let key {
            var span = bytes.mutableSpan
            key.apply(to: &span, in: start..<span.count)
        }
        return bytes
    }

    /// The key of RFC 6455 §5.7: a test's masks need not be a secret.
    private static let maskingKey = MaskingKey(0x3D21_FA37)

    private func isMasked(from role: Role) -> Bool {
        switch masking {
        case .asRequired: role == .client
        case .masked: true
        case .unmasked: false
        }
    }
}

extension ScriptedFrame: CustomStringConvertible {
    /// The opcode's number, the payload's size and what is unusual about it.
    public var description: String {
        let fragment = isFinal ? "" : ", not final"
        let reserved = reservedBits == 0 ? "" : ", RSV \(reservedBits)"
        let mask = masking == .asRequired ? "" : ", \(masking)"
        let start = payload.prefix(32)
        let shown = opcode == .text ? "\"\(String(decoding: start, as: UTF8.self))\"" : "\(Array(start))"
        return "opcode \(opcode.rawValue), \(payload.count) bytes \(shown)\(fragment)\(reserved)\(mask)"
    }
}
