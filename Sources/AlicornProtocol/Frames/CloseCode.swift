// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Why a connection was closed (RFC 6455 §7.4 and the registry it opened).
public struct CloseCode: RawRepresentable, Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Creates any code, allowed or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// Creates any code, allowed or not.
    public init(integerLiteral value: UInt16) { self.rawValue = value }

    /// 1000: the purpose of the connection is fulfilled.
    public static let normalClosure: Self = 1000
    /// 1001: a server goes down, or a browser leaves the page.
    public static let goingAway: Self = 1001
    /// 1002: the peer broke the protocol.
    public static let protocolError: Self = 1002
    /// 1003: a kind of data that cannot be accepted.
    public static let unsupportedData: Self = 1003
    /// 1005: the close frame had no code. Never on the wire.
    public static let noStatusReceived: Self = 1005
    /// 1006: there was no close frame. Never on the wire.
    public static let abnormalClosure: Self = 1006
    /// 1007: data that contradicts its type, such as text that is not UTF-8.
    public static let invalidPayload: Self = 1007
    /// 1008: a message that violates the endpoint's policy.
    public static let policyViolation: Self = 1008
    /// 1009: a message too big to process.
    public static let messageTooBig: Self = 1009
    /// 1010: the server did not agree to an extension that the client needs.
    public static let mandatoryExtension: Self = 1010
    /// 1011: the server met a condition that kept it from serving.
    public static let internalError: Self = 1011
    /// 1012: the service restarts.
    public static let serviceRestart: Self = 1012
    /// 1013: overload; try again later.
    public static let tryAgainLater: Self = 1013
    /// 1014: a gateway got an invalid answer from its upstream server.
    public static let badGateway: Self = 1014
    /// 1015: the TLS handshake failed. Never on the wire.
    public static let tlsHandshakeFailure: Self = 1015

    /// Whether a close frame may carry it: 1000 to 1003, 1007 to 1014, 3000 to 4999 (RFC 6455 §7.4.1, §7.4.2).
    public var isAllowedOnTheWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Whether it stands for an end that both sides wanted: 1000, 1001, and a close frame without a code.
    public var isNormal: Bool { self == .normalClosure || self == .goingAway || self == .noStatusReceived }
}

extension CloseCode: CustomStringConvertible {
    /// The code with its meaning: `1001 (going away)`.
    public var description: String { "\(rawValue) (\(meaning))" }

    private var meaning: String {
        switch rawValue {
        case 1000: "OK"
        case 1001: "going away"
        case 1002: "protocol error"
        case 1003: "unsupported data"
        case 1005: "no status received"
        case 1006: "abnormal closure"
        case 1007: "invalid frame payload data"
        case 1008: "policy violation"
        case 1009: "message too big"
        case 1010: "mandatory extension"
        case 1011: "internal error"
        case 1012: "service restart"
        case 1013: "try again later"
        case 1014: "bad gateway"
        case 1015: "TLS handshake failure"
        case 3000...3999: "registered"
        case 4000...4999: "private use"
        default: "unknown"
        }
    }
}
