// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

extension Closure {
    /// Whether nobody has to be told: what both sides wanted is no news (D11), nor is a stop that the peer has answered; a
    /// failed application has been reported with its error.
    package var isExpected: Bool {
        let isAnsweredStop = cause == .shutdown && received != nil
        return isNormal || isAnsweredStop || cause == .applicationFailed
    }
}

extension Closure.Cause {
    /// A name for metrics and spans.
    package var label: String {
        switch self {
        case .closedLocally: "closed_locally"
        case .applicationFailed: "application_failed"
        case .shutdown: "shutdown"
        case .cutLocally: "cut_locally"
        case .closedByPeer: "closed_by_peer"
        case .violation(let violation): violation.isOfLimit ? "limit" : "violation"
        case .keepaliveTimeout: "keepalive_timeout"
        case .connectionLost: "connection_lost"
        case .transportFailed: "transport_failed"
        case .writeTimeout: "write_timeout"
        case .tooMuchUnsent: "too_much_unsent"
        }
    }
}
