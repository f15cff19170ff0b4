// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol

/// When a client connects again, and when it gives up (REC-02 to REC-07).
///
/// The first attempt after a connection ends waits for a random time of at most ``firstDelay``, so that the clients of a server
/// that restarts do not come back all at once. From then on the delays grow by ``factor`` from ``secondDelay`` up to
/// ``maximumDelay``, each varied by chance by a fifth. They begin anew once a connection has lived for ``stableAfter``: a
/// server that accepts and closes at once is not hammered (D9).
public struct ReconnectionPolicy: Sendable {
    /// The longest that the first attempt after a lost connection waits.
    public var firstDelay: Duration = .seconds(5)
    /// What the second attempt waits.
    public var secondDelay: Duration = .seconds(3)
    /// By how much a delay is longer than the one before it.
    public var factor = 1.618
    /// The longest delay.
    public var maximumDelay: Duration = .seconds(90)
    /// How long a connection has to live to count as a success.
    public var stableAfter: Duration = .seconds(30)
    /// How many attempts in a row may come to nothing, or to a connection that does not live for ``stableAfter``; `nil` for
    /// any number.
    public var maximumAttempts: Int?
    /// The longest that a server may have us wait by a `Retry-After` (RFC 9110 §10.2.3).
    public var maximumRetryAfter: Duration = .seconds(600)
    /// Whether another attempt may go better; what it refuses ends the sequence with that error.
    public var isWorthRetrying: @Sendable (WebSocketError) -> Bool = Self.mayBeTransient

    /// The defaults.
    public init() {}

    /// Whether an error may be gone at the next attempt: no connection, a broken or slow one, a proxy or server that
    /// answers 408, 429, 500, 502, 503 or 504. Addresses, certificates and refusals for good do not change by themselves.
    public static let mayBeTransient: @Sendable (WebSocketError) -> Bool = { error in
        if let status = error.response?.head.status { return [408, 429, 500, 502, 503, 504].contains(status) }
        return switch error.code {
        case .closed, .connectionFailed, .timedOut: true
        case .proxyFailed: (error.underlying as? ProxyFailure)?.mayBeTransient ?? true
        case .handshakeFailed: error.underlying == nil
        case .tlsFailed: [.ended, .other].contains((error.underlying as? TLSFailure)?.kind)
        default: false
        }
    }

    /// The delay before an attempt.
    ///
    /// - Parameter failures: how many attempts in a row have failed before it; 0 after a connection that lived.
    func delay(after failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        guard failures > 0 else { return firstDelay * Double.random(in: 0...1, using: &generator) }
        var (delay, attempt) = (secondDelay, 1)
        // Bounded by the logarithm of what the delays may grow to, as long as they grow.
        while attempt < failures, delay < maximumDelay { (delay, attempt) = (delay * factor, attempt + 1) }
        return min(delay, maximumDelay) * Double.random(in: 0.8...1.2, using: &generator)
    }
}

extension Duration {
    fileprivate static func * (duration: Duration, factor: Double) -> Duration {
        .seconds((duration / .seconds(1)) * factor)
    }
}

/// What a client that reconnects is doing.
public enum ReconnectionState: Sendable {
    /// It opens a connection; attempts count from 1 and begin anew after a connection that lived.
    case connecting(attempt: Int)
    /// The connection is open.
    case connected(WebSocketConnection)
    /// It waits before the next attempt, for this reason: the attempt that failed, or how the connection ended.
    case waiting(Duration, WebSocketError)
    /// It has given up with this error.
    case gaveUp(WebSocketError)
}

extension ProxyFailure {
    /// Whether the proxy may answer otherwise the next time.
    fileprivate var mayBeTransient: Bool {
        switch self {
        case .ended, .notConnected: true
        case .refused, .http, .unexpectedBytes, .notSOCKS, .credentialsRequired, .noMethod, .credentialsRefused,
            .unfitLength, .needsIPv4, .misuse:
            false
        }
    }
}
