// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What an application is told of a connection's end (A-WE-05).
package struct WebSocketDisconnect: Sendable, Hashable {
    package let code: UInt16
    package let reason: String

    package init(code: UInt16, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Before the connection was there (U-WSC-04, U-WSC-06).
    package static let unopened = Self(code: 1006)

    /// The code of whoever has begun to close, ours where it tells why; 1005 for a close frame without one, and 1006 where
    /// there was none (P-13, U-WSC rows).
    ///
    /// - Parameter lossIsWithoutCode: tells of a lost connection by 1005 too, as uvicorn does.
    package init(_ closure: Closure, lossIsWithoutCode: Bool = false) {
        let first = closure.initiator == .us ? closure.sent : closure.received
        if let frame = first ?? closure.received {
            self.init(code: frame.code.rawValue, reason: frame.reason)
        } else {
            self.init(code: lossIsWithoutCode ? 1005 : 1006)
        }
    }
}
