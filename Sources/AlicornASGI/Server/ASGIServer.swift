// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
import Synchronization

/// A server of one application: what all its loops share.
package final class ASGIServer: Sendable {
    let configuration: ASGIConfiguration
    let log: any ServerLog
    let host: any ApplicationHost
    let events: (any ServerEvents)?
    let limiter: ClientLimiter?
    private let loops = Mutex<[ObjectIdentifier: Entry]>([:])
    /// Connections of all kinds, WebSockets among them, applications that run, and answers so far.
    let connectionCount = Atomic<Int>(0)
    let webSocketCount = Atomic<Int>(0)
    let runningCount = Atomic<Int>(0)
    private let answerCount = Atomic<Int>(0)
    private let isStoppingFlag = Atomic<Bool>(false)
    private let whenQuiet = Mutex<(@Sendable () -> Void)?>(nil)
    private let whenFull: @Sendable () -> Void

    private struct Entry: @unchecked Sendable {
        // SAFETY: touched only on its loop, which every use hops to.
        let loop: ASGILoop
        /// Kept for the end, which comes when the listeners, that own it too, are gone.
        let connectionLoop: ConnectionLoop
    }

    /// - Parameters:
    ///   - events: who counts; `nil` for nobody.
    ///   - whenFull: called once when the limit on requests is reached (U-LM-03).
    package init(
        _ configuration: ASGIConfiguration, log: any ServerLog, host: any ApplicationHost,
        events: (any ServerEvents)? = nil, whenFull: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.log = log
        self.host = host
        self.events = events
        limiter = ClientLimiter(configuration.clients)
        self.whenFull = whenFull
    }

    /// Takes an accepted connection, on its loop.
    package func accept(_ transport: any ConnectionTransport) -> any ConnectionDriver {
        loop(transport.loop).accept(transport)
    }

    private func loop(_ loop: ConnectionLoop) -> ASGILoop {
        loops.withLock { loops in
            if let entry = loops[ObjectIdentifier(loop)] { return entry }
            let entry = Entry(loop: ASGILoop(self, on: loop), connectionLoop: loop)
            loops[ObjectIdentifier(loop)] = entry
            return entry
        }.loop
    }

    // MARK: - Counts

    /// Open connections of all kinds.
    package var connections: Int { connectionCount.load(ordering: .relaxed) }
    /// Applications that have been called and have not returned.
    package var running: Int { runningCount.load(ordering: .relaxed) }

    func didAnswer() {
        guard let limit = configuration.requestLimit else { return }
        if answerCount.add(1, ordering: .relaxed).newValue == limit { whenFull() }
    }

    /// A connection or an application has ended.
    func didEndSomething() {
        guard isStopping, connections == 0, running == 0 else { return }
        whenQuiet.withLock { $0.take() }?()
    }

    /// Does nothing on each loop in turn: returns when none of them is blocked.
    package func passThroughLoops() async {
        for entry in loops.withLock({ Array($0.values) }) {
            await Task(executorPreference: entry.loop.loop) {}.value
        }
    }

    // MARK: - The end

    /// Whether no handshake is accepted any more.
    var isStopping: Bool { isStoppingFlag.load(ordering: .relaxed) }

    /// Ends all connections in order (U-SG-05): idle ones close, the others after their response, WebSockets with `frame`.
    ///
    /// - Parameter quiet: called once when no connection is left and no application runs.
    package func stop(with frame: CloseFrame, quiet: @escaping @Sendable () -> Void) {
        whenQuiet.withLock { $0 = quiet }
        isStoppingFlag.store(true, ordering: .sequentiallyConsistent)
        forEachLoop { $0.leave(frame) }
        didEndSomething()
    }

    /// Cuts what is left, and cancels the applications that run.
    package func cut() { forEachLoop { $0.cut() } }

    /// Lets go of the loops, which keep their server: it has ended.
    package func forgetLoops() { loops.withLock { $0 = [:] } }

    private func forEachLoop(_ body: @escaping @Sendable (ASGILoop) -> Void) {
        for entry in loops.withLock({ Array($0.values) }) {
            Task(executorPreference: entry.connectionLoop) { body(entry.loop) }
        }
    }
}
