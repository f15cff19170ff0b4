// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The header of one frame (RFC 6455 §5.2).
///
///      0                   1                   2                   3
///     |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
///     |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
///     |N|V|V|V|       |S|             |   (if payload len==126/127)   |
///     | |1|2|3|       |K|             |                               |
public struct FrameHeader: Sendable, Hashable, BitwiseCopyable {
    /// FIN and the three reserved bits, where they stand in the first byte.
    @usableFromInline
    var flags: UInt8
    @usableFromInline
    var opcodeBits: UInt8
    /// Whether a masking key follows.
    public var isMasked: Bool
    /// The masking key, its first byte in the low eight bits.
    public var maskingKeyBytes: UInt32
    /// The bytes of payload, at most 2^63 - 1.
    public var payloadLength: Int

    /// Creates a header to send.
    @inlinable
    public init(opcode: Opcode, fin: Bool = true, rsv1: Bool = false, payloadLength: Int, maskingKey: MaskingKey? = nil)
    {
        flags = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0)
        opcodeBits = opcode.rawValue
        isMasked = maskingKey != nil
        maskingKeyBytes = maskingKey?.bytes ?? 0
        self.payloadLength = payloadLength
    }

    /// What the frame is.
    public var opcode: Opcode { Opcode(rawValue: opcodeBits) }
    /// Whether it is the last frame of its message.
    public var fin: Bool { flags & 0x80 != 0 }
    /// The first reserved bit: with permessage-deflate, that the message is compressed (RFC 7692 §6).
    public var rsv1: Bool { flags & 0x40 != 0 }
    /// The key, meaningful when ``isMasked``.
    public var maskingKey: MaskingKey { MaskingKey(maskingKeyBytes) }

    /// The longest header: two bytes, 64 bits of length, the key.
    public static let maximumSize = 14

    private init(flags: UInt8, opcodeBits: UInt8, isMasked: Bool, maskingKeyBytes: UInt32, payloadLength: Int) {
        self.flags = flags
        self.opcodeBits = opcodeBits
        self.isMasked = isMasked
        self.maskingKeyBytes = maskingKeyBytes
        self.payloadLength = payloadLength
    }
}

/// What of a header can be decided by one frame alone, whatever came before it.
public struct FrameRules: Sendable, Hashable, BitwiseCopyable {
    /// Whether frames must be masked: those to a server must, those to a client must not (RFC 6455 §5.1).
    public var requiresMask: Bool
    /// Whether an extension gives RSV1 a meaning on data frames (RFC 6455 §5.2).
    public var allowsRSV1: Bool

    /// Creates the rules of one direction.
    public init(requiresMask: Bool, allowsRSV1: Bool) {
        self.requiresMask = requiresMask
        self.allowsRSV1 = allowsRSV1
    }
}

extension FrameHeader {
    /// Reads a header that starts at `position`, if all of it is there.
    ///
    /// Whatever a header can get wrong is refused with its first two bytes, before the length or the payload has come
    /// (D14): no peer can make us read a frame that we are going to refuse.
    ///
    /// - Returns: the header and its size, or `nil` when more bytes are needed.
    @inline(__always)
    package static func parse(
        _ input: Span<UInt8>, at position: Int, rules: FrameRules
    ) throws(ProtocolViolation) -> (header: Self, size: Int)? {
        let available = input.count &- position
        guard available >= 2 else { return nil }
        let first = input[position]
        let second = input[position &+ 1]
        try check(first, second, rules: rules)
        let isMasked = second & 0x80 != 0
        let shortLength = Int(second & 0x7F)
        let lengthSize = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8
        let size = 2 &+ lengthSize &+ (isMasked ? 4 : 0)
        guard available >= size else { return nil }
        var length = shortLength
        if lengthSize > 0 {
            length = try extendedLength(input, at: position &+ 2, size: lengthSize)
        }
        var key: UInt32 = 0
        if isMasked {
            let start = position &+ 2 &+ lengthSize
            key =
                UInt32(input[start]) | UInt32(input[start &+ 1]) << 8
                | UInt32(input[start &+ 2]) << 16 | UInt32(input[start &+ 3]) << 24
        }
        let header = Self(
            flags: first & 0xF0, opcodeBits: first & 0x0F, isMasked: isMasked, maskingKeyBytes: key,
            payloadLength: length)
        return (header, size)
    }

    /// Reads the header of a text or binary message of at most 125 bytes in one frame without reserved bits.
    ///
    /// - Returns: `nil` for anything else, for a header that ``parse(_:at:rules:)`` refuses, and when bytes are missing.
    @inline(__always)
    static func parseShortMessage(_ input: Span<UInt8>, at position: Int, rules: FrameRules) -> Self? {
        guard input.count &- position >= (rules.requiresMask ? 6 : 2) else { return nil }
        let (first, second) = (input[position], input[position &+ 1])
        guard first == 0x81 || first == 0x82 else { return nil }
        let length = rules.requiresMask ? second ^ 0x80 : second
        guard length <= 125 else { return nil }
        var key: UInt32 = 0
        if rules.requiresMask {
            // SAFETY: the first guard has made sure of six bytes from `position` on.
            key = unsafe input.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position &+ 2, as: UInt32.self)
                .littleEndian
        }
        return Self(
            flags: 0x80, opcodeBits: first & 0x0F, isMasked: rules.requiresMask, maskingKeyBytes: key,
            payloadLength: Int(length))
    }

    /// The rules that the first two bytes decide.
    @inline(__always)
    private static func check(_ first: UInt8, _ second: UInt8, rules: FrameRules) throws(ProtocolViolation) {
        let opcode = Opcode(rawValue: first)
        if first & 0x70 != 0 {
            // RFC 6455 §5.2: nonzero without an extension that defines it; RFC 7692 §6.1: none for control frames.
            let allowed: UInt8 = rules.allowsRSV1 && !opcode.isControl ? 0x40 : 0
            let forbidden = first & 0x70 & ~allowed
            guard forbidden == 0 else { throw .reservedBits(forbidden >> 4) }
        }
        guard !opcode.isReserved else { throw .reservedOpcode(opcode.rawValue) }  // RFC 6455 §5.2
        guard (second & 0x80 != 0) == rules.requiresMask else {
            throw rules.requiresMask ? .unmaskedFrame : .maskedFrame  // RFC 6455 §5.1
        }
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw .fragmentedControlFrame }  // RFC 6455 §5.5
            guard second & 0x7F <= 125 else { throw .controlFrameTooLong }  // RFC 6455 §5.5
        }
    }

    private static func extendedLength(
        _ input: Span<UInt8>, at position: Int, size: Int
    ) throws(ProtocolViolation) -> Int {
        var value: UInt64 = 0
        for offset in 0..<size { value = value << 8 | UInt64(input[position + offset]) }
        // RFC 6455 §5.2: the most significant bit of 64 must be 0.
        guard let length = Int(exactly: value) else { throw .lengthTooLarge }
        // RFC 6455 §5.2: the minimal number of bytes must be used.
        guard length > (size == 2 ? 125 : 0xFFFF) else { throw .nonMinimalLength }
        return length
    }

    /// The bytes that the header takes on the wire.
    public var encodedSize: Int {
        2 + (payloadLength < 126 ? 0 : payloadLength <= 0xFFFF ? 2 : 8) + (isMasked ? 4 : 0)
    }

    /// Appends the header as it goes on the wire.
    public func encode(into output: inout [UInt8]) { encode(into: &output, before: Span()) }

    /// Appends the header as it goes on the wire, and `payload` as it is.
    package func encode(into output: inout [UInt8], before payload: Span<UInt8>) {
        output.append(addingCapacity: encodedSize &+ payload.count) { span in
            encode(into: &span)
            // SAFETY: room was made for header and payload, and the header has taken its part.
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                unsafe payload.withUnsafeBufferPointer { payload in
                    guard let source = payload.baseAddress, let start = buffer.baseAddress else { return }
                    unsafe (start + count).initialize(from: source, count: payload.count)
                    count &+= payload.count
                }
            }
        }
    }

    @inline(__always)
    private func encode(into output: inout OutputSpan<UInt8>) {
        let mask: UInt8 = isMasked ? 0x80 : 0
        output.append(flags | opcodeBits)
        if payloadLength < 126 {
            output.append(mask | UInt8(truncatingIfNeeded: payloadLength))
        } else if payloadLength <= 0xFFFF {
            output.append(mask | 126)
            output.append(UInt8(truncatingIfNeeded: payloadLength >> 8))
            output.append(UInt8(truncatingIfNeeded: payloadLength))
        } else {
            output.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: payloadLength >> shift))
            }
        }
        if isMasked {
            for index in 0..<4 { output.append(maskingKey[index]) }
        }
    }
}
