// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornTransport
import NIOCore
import NIOPosix
import Synchronization

extension WebSocketClient {
    /// One attempt to open a connection, from the address to the end of the handshake.
    struct Opening: Sendable {
        let uri: WebSocketURI
        let handshake: ClientHandshake
        let configuration: Configuration

        /// One deadline covers name resolution, TCP and the handshake (HC-15).
        func run() async throws -> WebSocketConnection {
            let timeout = configuration.connection.openTimeout
            let deadline = Timestamp(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
                .advanced(by: timeout)
            let outcome = Outcome()
            return try await withTaskCancellationHandler {
                do {
                    try await NIODialer.connect(
                        host: uri.host, port: uri.port, timeout: timeout, group: ClientLoops.group,
                        loops: ClientLoops.loops
                    ) { transport in
                        makeDriver(transport, deadline: deadline, outcome: outcome)
                    }
                } catch ChannelError.connectTimeout {
                    throw WebSocketError(.timedOut, "no connection to \(uri.authority) came about in time")
                } catch {
                    throw WebSocketError(
                        .connectionFailed, "no connection to \(uri.authority): \(error)", underlying: error)
                }
                return try await outcome.value()
            } onCancel: {
                outcome.abandon()
            }
        }

        private func makeDriver(
            _ transport: any ConnectionTransport, deadline: Timestamp, outcome: Outcome
        ) -> any ConnectionDriver {
            let driver = ClientOpeningDriver(
                transport: transport, handshake: handshake, limits: configuration.http, deadline: deadline,
                opened: { response, agreement in
                    let parts = ConnectionAssembly.makeConnection(
                        role: .client, configuration: configuration.connection,
                        transform: agreement.acceptedExtension?.transform, transport: transport,
                        heads: OpeningHeads(request: handshake.request, response: response))
                    if !outcome.finish(.success(parts.connection)) { parts.driver.abort() }
                    return parts.driver
                },
                failed: { outcome.finish(.failure(WebSocketError(opening: $0, to: uri))) })
            driver.start()
            let opening = OpeningOnLoop(driver: driver)
            let loop = transport.loop
            outcome.whenAbandoned {
                Task(executorPreference: loop) { opening.driver.cancel() }
            }
            return driver
        }
    }

    /// The opening's driver on its way to a task on its loop.
    private struct OpeningOnLoop: @unchecked Sendable {
        // SAFETY: the driver is touched only by the task that runs on its loop.
        let driver: ClientOpeningDriver
    }

    /// What the attempt comes to, once: the first answer counts.
    private final class Outcome: Sendable {
        private enum State {
            case pending(CheckedContinuation<WebSocketConnection, any Error>?)
            case finished(Result<WebSocketConnection, any Error>)
            case taken
        }

        private let state = Mutex(State.pending(nil))
        private let giveUp = Mutex<(isAbandoned: Bool, body: (@Sendable () -> Void)?)>((false, nil))

        /// Nobody waits any more: what has been begun is given up (HC-21).
        func abandon() {
            finish(.failure(CancellationError()))
            let body = giveUp.withLock { giveUp in
                giveUp.isAbandoned = true
                return giveUp.body.take()
            }
            body?()
        }

        /// Says how to give up what has been begun.
        func whenAbandoned(_ body: @escaping @Sendable () -> Void) {
            let isAbandoned = giveUp.withLock { giveUp in
                if !giveUp.isAbandoned { giveUp.body = body }
                return giveUp.isAbandoned
            }
            if isAbandoned { body() }
        }

        /// - Returns: whether it was the first.
        @discardableResult
        func finish(_ result: Result<WebSocketConnection, any Error>) -> Bool {
            let waiting = state.withLock { state -> (CheckedContinuation<WebSocketConnection, any Error>?, Bool) in
                switch state {
                case .pending(let continuation):
                    state = continuation == nil ? .finished(result) : .taken
                    return (continuation, true)
                case .finished, .taken: return (nil, false)
                }
            }
            waiting.0?.resume(with: result)
            return waiting.1
        }

        func value() async throws -> WebSocketConnection {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<WebSocketConnection, any Error>? in
                    switch state {
                    case .finished(let result):
                        state = .taken
                        return result
                    case .pending, .taken:
                        state = .pending(continuation)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}

/// The event loops of all clients of the process.
enum ClientLoops {
    static let group = MultiThreadedEventLoopGroup.singleton
    static let loops = NIOLoops(group)
}

extension WebSocketError {
    /// Tells why an opening handshake came to nothing.
    fileprivate init(opening failure: OpeningFailure, to uri: WebSocketURI) {
        switch failure {
        case .handshake(let failure, let response):
            let text = String(decoding: response.body.prefix(300), as: UTF8.self)
            let quote = text.isEmpty ? "" : ", saying \"\(text.escapedForLog)\""
            self.init(.handshakeFailed, "\(uri): \(failure)\(quote)", underlying: failure)
            self.response = response
        case .http(let violation):
            self.init(.handshakeFailed, "\(uri) did not answer in HTTP: \(violation)", underlying: violation)
        case .connectionLost(let reason):
            let cause = reason.map { ": \($0)" } ?? ""
            self.init(.handshakeFailed, "\(uri) ended the connection before it answered the handshake\(cause)")
        case .timedOut:
            self.init(.timedOut, "\(uri) did not finish the opening handshake in time")
        case .misuse(let misuse):
            self.init(.misuse, misuse.description, underlying: misuse)
        }
    }
}
