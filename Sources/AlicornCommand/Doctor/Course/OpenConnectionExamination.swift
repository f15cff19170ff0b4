// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket

/// Looks at a connection that is open: a ping, a time without traffic, the closing handshake.
struct OpenConnectionExamination: Sendable {
    let connection: WebSocketConnection
    let idle: Duration?
    let patience: Duration
    let report: @Sendable (Step) -> Void

    func run() async throws {
        let (moments, note) = AsyncStream.makeStream(of: Moment.self)
        // What comes is not looked at, and must not keep control frames from being read.
        let reading = Task { [connection] in
            defer { note.yield(.ended) }
            for try await _ in connection {}
        }
        defer { reading.cancel() }
        try await withTaskCancellationHandler {
            try await ping()
            try await waitIdly(moments, note)
            try await close()
        } onCancel: { [connection] in
            Task { await connection.cut() }
        }
    }

    /// What comes first of two.
    private enum Moment {
        case ended, timeIsOver
    }

    private func ping() async throws {
        do {
            let roundTrip = try await connection.ping(timeout: patience)
            report(Step(.ping, .passed, "answered", after: roundTrip))
        } catch let error as WebSocketError {
            throw try await finding(at: .ping, error, missing: .missingPong(patience)) { closure in
                closure.received.map { .closedAtOnce($0) } ?? .cutAtOnce(Self.reason(closure))
            }
        }
    }

    private func waitIdly(_ moments: AsyncStream<Moment>, _ note: AsyncStream<Moment>.Continuation) async throws {
        guard let idle else {
            return report(Step(.idle, .skipped, "not wanted; --idle 2m finds time limits of proxies"))
        }
        let begin = ContinuousClock.now
        let timer = Task {
            // The time that was asked for.
            try await Task.sleep(for: idle)
            note.yield(.timeIsOver)
        }
        let first = await moments.first { _ in true }
        timer.cancel()
        try Task.checkCancellation()
        let lived = ContinuousClock.now - begin
        guard first == .timeIsOver else {
            throw await finding(at: .idle, "ended after \(lived.inWords)", ending) { closure in
                closure.received.map { .closedWhenIdle($0, after: lived) } ?? .cutWhenIdle(after: lived)
            }
        }
        do {
            _ = try await connection.ping(timeout: patience)
            report(Step(.idle, .passed, "still open after \(idle.inWords) without traffic"))
        } catch let error as WebSocketError {
            throw try await finding(at: .idle, error, missing: .silentAfterIdle(idle, patience)) { closure in
                closure.received.map { .closedWhenIdle($0, after: lived) } ?? .silentAfterIdle(idle, patience)
            }
        }
    }

    private func close() async throws {
        let begin = ContinuousClock.now
        try? await connection.close()
        await connection.waitUntilClosed()
        try Task.checkCancellation()
        let closure = await ending
        guard let frame = closure.received else {
            throw finding(at: .close, "\(closure)", closure) { _ in .closeUnanswered(patience) }
        }
        if closure.timedOut {
            let text = "answered with \(frame.code), and TCP left open: a server closes it first (RFC 6455 §7.1.1)"
            report(Step(.close, .noted, text))
        } else if frame.code != .normalClosure {
            report(Step(.close, .noted, "answered with \(frame) instead of 1000", after: ContinuousClock.now - begin))
        } else {
            report(Step(.close, .passed, "1000 both ways", after: ContinuousClock.now - begin))
        }
    }

    // MARK: - What it means

    /// - Parameters:
    ///   - missing: the fault when the connection is open, and there was no answer.
    ///   - ended: the fault when it has ended without a violation.
    private func finding(
        at step: Step.Name, _ error: WebSocketError, missing: Fault, ended: (Closure) -> Fault
    ) async throws -> Finding {
        try Task.checkCancellation()
        // A server that is to end TCP may take its time, and no pong comes any more.
        guard let closure = await connection.closure else {
            await connection.cut()
            return Finding(at: step, error.message, missing)
        }
        return finding(at: step, "\(closure)", closure, ended)
    }

    private func finding(
        at step: Step.Name, _ text: String, _ closure: Closure, _ ended: (Closure) -> Fault
    ) -> Finding {
        if case .violation(let violation) = closure.cause { return Finding(at: step, text, .ofViolation(violation)) }
        return Finding(at: step, text, ended(closure))
    }

    private var ending: Closure {
        get async { await connection.closure ?? Closure(cause: .connectionLost) }
    }

    private static func reason(_ closure: Closure) -> String {
        if case .transportFailed(let reason) = closure.cause { return reason }
        return "TCP ended"
    }
}
