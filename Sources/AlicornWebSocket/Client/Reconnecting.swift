// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

extension WebSocketClient {
    /// Connections to `address`, one after the other: whenever one has ended, the next is opened (REC-01).
    ///
    ///     for try await connection in WebSocketClient.reconnecting(to: "wss://example.com/feed") {
    ///         do {
    ///             for try await message in connection { print(message) }
    ///         } catch let error as WebSocketError where error.code == .closed {
    ///             // It was lost; the next one is on its way.
    ///         }
    ///     }
    ///
    /// A connection that is still open when the next is asked for, or when the loop is left, is closed with 1000.
    ///
    /// - Parameters:
    ///   - policy: when to connect again, and when to give up.
    ///   - stateChanged: told what is going on, in order.
    public static func reconnecting(
        to address: String, configuration: Configuration = Configuration(), policy: ReconnectionPolicy = .init(),
        stateChanged: @escaping @Sendable (ReconnectionState) -> Void = { _ in }
    ) -> ReconnectingConnections<ContinuousClock> {
        reconnecting(
            to: address, configuration: configuration, policy: policy, clock: ContinuousClock(),
            stateChanged: stateChanged)
    }

    /// The same by another clock, as for tests.
    public static func reconnecting<C: Clock<Duration>>(
        to address: String, configuration: Configuration = Configuration(), policy: ReconnectionPolicy = .init(),
        clock: C, stateChanged: @escaping @Sendable (ReconnectionState) -> Void = { _ in }
    ) -> ReconnectingConnections<C> {
        ReconnectingConnections(policy: policy, clock: clock, stateChanged: stateChanged) {
            try await open(address, configuration: configuration)
        }
    }
}

/// Connections to one server, one after the other; see
/// ``WebSocketClient/reconnecting(to:configuration:policy:stateChanged:)``.
public struct ReconnectingConnections<C: Clock<Duration>>: AsyncSequence, Sendable {
    /// What iterating gives: open connections.
    public typealias Element = WebSocketConnection

    let policy: ReconnectionPolicy
    let clock: C
    let stateChanged: @Sendable (ReconnectionState) -> Void
    let open: @Sendable () async throws -> WebSocketConnection

    /// Begins; nothing is connected before the first ``AsyncIterator/next()``.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Runs `body` with one connection after the other; that a connection ends is no error here, but the beginning of the
    /// next. Returns never: throw from `body` to leave, or cancel the task.
    ///
    /// - Throws: what `body` throws, unless it is ``WebSocketError/Code/closed``; ``WebSocketError`` when the policy gives
    ///   up; `CancellationError`.
    public func forEach(_ body: (WebSocketConnection) async throws -> Void) async throws -> Never {
        var iterator = makeAsyncIterator()
        while true {
            let connection = try await iterator.open()
            do { try await body(connection) } catch let error as WebSocketError where error.code == .closed {}
        }
    }

    /// Opens connection after connection.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let sequence: ReconnectingConnections
        private let current = Current()
        private var failures = 0
        /// Why it has given up.
        private var end: WebSocketError?

        init(_ sequence: ReconnectingConnections) { self.sequence = sequence }

        /// The next connection, once the one before has ended or was closed and the delay is over.
        ///
        /// - Returns: never `nil`.
        /// - Throws: ``WebSocketError`` when the policy gives up; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> WebSocketConnection? { try await open() }

        mutating func open() async throws -> WebSocketConnection {
            if let end { throw end }
            if let ended = await endCurrent() { try await wait(because: ended) }
            while true {
                sequence.stateChanged(.connecting(attempt: failures + 1))
                do {
                    let connection = try await sequence.open()
                    current.connection = connection
                    current.begin = sequence.clock.now
                    sequence.stateChanged(.connected(connection))
                    return connection
                } catch let error as WebSocketError {
                    failures += 1
                    try await wait(because: error)
                }
            }
        }

        /// - Returns: how the connection ended; `nil` if there was none.
        private mutating func endCurrent() async -> WebSocketError? {
            guard let connection = current.connection else { return nil }
            current.connection = nil
            // The code may be sent: nothing is thrown.
            try? await connection.close(.normalClosure)
            let hasLived = current.begin.map { $0.duration(to: sequence.clock.now) >= sequence.policy.stableAfter }
            failures = hasLived == true ? 0 : failures + 1
            return WebSocketError(closed: await connection.closure ?? Closure(cause: .connectionLost))
        }

        private mutating func wait(because error: WebSocketError) async throws {
            let policy = sequence.policy
            let isExhausted = policy.maximumAttempts.map { failures >= $0 } ?? false
            guard policy.isWorthRetrying(error), !isExhausted else {
                end = error
                sequence.stateChanged(.gaveUp(error))
                throw error
            }
            var generator = SystemRandomNumberGenerator()
            let delay = Swift.max(
                policy.delay(after: failures, using: &generator),
                Swift.min(error.response?.head.retryAfter ?? .zero, policy.maximumRetryAfter))
            sequence.stateChanged(.waiting(delay, error))
            try await sequence.clock.sleep(for: delay)
        }

        /// The connection that is out, closed when nobody iterates any more.
        private final class Current: @unchecked Sendable {
            // SAFETY: an iterator is used by one task at a time, and the last reference is let go after all use.
            var connection: WebSocketConnection?
            var begin: C.Instant?

            deinit {
                guard let connection else { return }
                Task { try await connection.close(.normalClosure) }
            }
        }
    }
}
