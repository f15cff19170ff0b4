// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

extension WebSocketServer {
    /// What open connections are told when their server stops.
    public enum Farewell: Sendable, Hashable {
        /// They are closed, with this code and reason (SRV-03).
        case close(CloseFrame)
        /// Nothing: they are waited for until their clients or handlers end them (SRV-04).
        case wait

        /// They are closed with 1001.
        public static let goingAway = Self.close(CloseFrame(.goingAway))

        /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/misuse`` when code or reason must not be sent.
        func check() throws(WebSocketError) {
            guard case .close(let frame) = self else { return }
            guard frame.code.isAllowedOnTheWire, frame.reason.utf8.count <= CloseFrame.maximumReasonLength else {
                throw WebSocketError(
                    .misuse,
                    "connections cannot be closed with \(frame): use a code that may be sent, and a reason of at most "
                        + "\(CloseFrame.maximumReasonLength) bytes")
            }
        }
    }
}
