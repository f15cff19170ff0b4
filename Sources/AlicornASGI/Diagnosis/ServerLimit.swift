// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// A limit that stops somebody when it is hit (P-35).
package enum ServerLimit: String, Sendable, Hashable, CaseIterable {
    /// `--limit-concurrency`.
    case concurrency
    /// `--limit-websockets`.
    case webSockets = "websockets"
    /// `--limit-max-requests`, at which a worker is replaced.
    case requests
    case connectionsOfClient = "connections_of_client"
    case handshakeRate = "handshake_rate"
    /// Request line and headers, each and together.
    case head
    case body
    case headTime = "head_time"
    case bodyTime = "body_time"
    /// A WebSocket message, or the fragments of one.
    case message
    /// What may wait until a peer takes it.
    case unsentBytes = "unsent_bytes"
    case writeTime = "write_time"
    case keepaliveTime = "keepalive_time"
    /// Handshakes or shutdown that the application did not finish in time.
    case applicationTime = "application_time"
    /// The system's, for open files.
    case openFiles = "open_files"
}

extension ServerLimit {
    /// The limit that an HTTP message went over; `nil` where it broke another rule.
    package init?(_ violation: HTTPViolation) {
        switch violation {
        case .requestLineTooLong, .fieldLineTooLong, .headTooLarge, .tooManyFields, .methodTooLong: self = .head
        case .bodyTooLarge, .chunkOverheadTooLarge, .trailersTooLarge: self = .body
        case .headTimedOut: self = .headTime
        case .bodyTimedOut: self = .bodyTime
        default: return nil
        }
    }

    /// The limit that ended a WebSocket connection; `nil` where something else did.
    package init?(_ cause: Closure.Cause) {
        switch cause {
        case .violation(let violation) where violation.isOfLimit: self = .message
        case .tooMuchUnsent: self = .unsentBytes
        case .writeTimeout: self = .writeTime
        case .keepaliveTimeout: self = .keepaliveTime
        default: return nil
        }
    }
}
