// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a close frame says (RFC 6455 §5.5.1).
public struct CloseFrame: Sendable, Hashable {
    /// The code; ``CloseCode/noStatusReceived`` for a frame without one.
    public var code: CloseCode
    /// The reason, for people who read logs.
    public var reason: String

    /// Creates a frame; whether it may be sent is decided when it is.
    public init(_ code: CloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// The longest reason in bytes: a control frame holds 125, the code takes two (RFC 6455 §5.5).
    public static let maximumReasonLength = 123

    /// Reads the payload of a received close frame.
    init(payload: Span<UInt8>) throws(ProtocolViolation) {
        guard !payload.isEmpty else {
            self.init(.noStatusReceived)
            return
        }
        guard payload.count >= 2 else { throw .closeFrameTooShort }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isAllowedOnTheWire else { throw .invalidCloseCode(code.rawValue) }
        var validator = UTF8Validator()
        let reasonRange = 2..<payload.count
        guard validator.firstInvalidByte(in: payload, reasonRange) == nil, validator.isAtCharacterBoundary else {
            throw .invalidCloseReason
        }
        self.init(code, reason: String(decoding: reasonRange.lazy.map { payload[$0] } as [UInt8], as: UTF8.self))
    }

    /// Whether it may be sent.
    ///
    /// - Throws: ``ProtocolMisuse`` for a code that must not be on the wire, and for a reason that does not fit.
    package func checkIsAllowed() throws(ProtocolMisuse) {
        guard code.isAllowedOnTheWire || self == Self(.noStatusReceived) else { throw .invalidCloseCode(code) }
        let length = reason.utf8.count
        guard length <= Self.maximumReasonLength else { throw .closeReasonTooLong(bytes: length) }
    }

    /// The payload to send; empty when there is no code.
    var payload: [UInt8] {
        guard code != .noStatusReceived else { return [] }
        return [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)] + Array(reason.utf8)
    }

    /// The frame with its reason cut at a character boundary to what fits.
    func fittingReason() -> Self {
        guard reason.utf8.count > Self.maximumReasonLength else { return self }
        var cut = ""
        for scalar in reason.unicodeScalars {
            guard cut.utf8.count + UTF8.width(scalar) <= Self.maximumReasonLength else { break }
            cut.unicodeScalars.append(scalar)
        }
        return Self(code, reason: cut)
    }
}

extension CloseFrame: CustomStringConvertible {
    /// Code, meaning and reason, escaped for a line of a log: `1001 (going away) see you`.
    public var description: String { reason.isEmpty ? "\(code)" : "\(code) \(reason.escapedForLog)" }
}
