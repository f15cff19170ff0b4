// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// In which order an application may send the events of its lifespan (A-LS rows).
///
/// ```
///            startup complete             goodbye complete            shutdown complete
/// starting ──────────────────▶ running ─────────────────────▶ running ─────────────────▶ ended
///     └──── startup failed ──▶ ended                             └──── shutdown failed ──▶ ended
/// ```
package struct LifespanOrder: Sendable {
    /// What an application sends.
    package enum Event: Sendable, Hashable {
        /// It is ready (A-LS-04).
        ///
        /// - Parameter wantsGoodbye: whether it is to hear of a stop before connections are closed (P-38).
        case startupComplete(wantsGoodbye: Bool)
        /// It cannot start (A-LS-05).
        case startupFailed(String)
        /// It has said goodbye to its clients (P-38).
        case goodbyeComplete
        /// It has cleaned up (A-LS-07).
        case shutdownComplete
        /// It could not (A-LS-08).
        case shutdownFailed(String)
    }

    private enum State: Sendable {
        case starting, running, sayingGoodbye, stopping, ended
    }

    private var state = State.starting

    package init() {}

    /// The application sends an event.
    ///
    /// - Throws: ``ASGIMisuse`` when it is not due (U-LS-08).
    package mutating func take(_ event: Event) throws(ASGIMisuse) {
        switch (state, event) {
        case (.starting, .startupComplete): state = .running
        case (.starting, .startupFailed), (.stopping, .shutdownComplete), (.stopping, .shutdownFailed): state = .ended
        case (.sayingGoodbye, .goodbyeComplete): state = .running
        default: throw .lifespan
        }
    }

    /// The server is about to close its connections.
    package mutating func sayGoodbye() { if case .running = state { state = .sayingGoodbye } }

    /// The server has closed its connections.
    package mutating func stop() { state = .stopping }
}
