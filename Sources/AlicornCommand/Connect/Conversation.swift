// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Dispatch
import Synchronization

/// What is typed goes to the server, and what comes is shown, until either side ends it.
final class Conversation: Sendable {
    /// How it ended.
    enum Outcome: Hashable {
        /// Closed as both sides wanted.
        case closed
        /// No connection came about.
        case failed
        /// The connection ended otherwise than well.
        case broken
        /// Somebody pressed Ctrl-C before there was a connection, or again while it was closed.
        case interrupted

        /// The exit status.
        var status: Int32 {
            switch self {
            case .closed: 0
            case .failed: 1
            case .broken: 3
            case .interrupted: 130
            }
        }
    }

    /// What a conversation is about.
    struct Settings: Sendable {
        let uri: String
        let configuration: WebSocketClient.Configuration
        /// Makes something of a line of input.
        let parse: @Sendable (String) -> InputLine
        /// Whether the end of the input ends the connection at once.
        let endsWithInput: Bool
        /// How long the server may go on after the end of the input.
        let patience: Duration
        let reconnects: Bool
        /// What somebody is told who is there.
        let hint: String
    }

    private enum Event {
        case opened(WebSocketConnection)
        case closed(Closure)
        /// The next connection waits, as a sentence says.
        case waiting(String)
        /// No connection will come any more, and why when that is a failure.
        case over(String?)
        /// A line, and who reads the next one when it is dealt with.
        case line(String, DispatchSemaphore)
        case inputEnded
        case interrupted
    }

    private let settings: Settings
    private let console: any Console
    private let transcript: any Transcript
    private let events: AsyncStream<Event>
    private let note: AsyncStream<Event>.Continuation
    /// Whether no other connection is wanted after this one.
    private let isEnding = Atomic<Bool>(false)

    init(_ settings: Settings, _ console: any Console, _ transcript: any Transcript) {
        self.settings = settings
        self.console = console
        self.transcript = transcript
        (events, note) = AsyncStream.makeStream(of: Event.self)
    }

    /// Has it end: in order at first, at once the second time.
    func interrupt() { note.yield(.interrupted) }

    func run() async -> Outcome {
        let connecting = Task { await connect() }
        defer { connecting.cancel() }
        var connection: WebSocketConnection?
        var outcome = Outcome.failed
        var (isReading, wasInterrupted) = (false, false)
        for await event in events {
            switch event {
            case .opened(let opened):
                connection = opened
                transcript.opened(opened, hint: settings.hint)
                if !isReading { read() }
                isReading = true
            case .closed(let closure):
                connection = nil
                transcript.closed(closure)
                outcome = closure.code.isNormal ? .closed : .broken
            case .waiting(let sentence): transcript.noted(sentence)
            case .over(let failure):
                if let failure {
                    transcript.failed(failure)
                    outcome = .failed
                }
                return outcome
            case .line(let line, let taken):
                Task { [connection] in
                    await take(line, connection)
                    taken.signal()
                }
            case .inputEnded:
                end()
                guard let connection else { return outcome }
                Task {
                    // What `--timeout` gives the server to close by itself.
                    if !settings.endsWithInput { try? await Task.sleep(for: settings.patience) }
                    try? await connection.close()
                }
            case .interrupted:
                end()
                guard let connection, !wasInterrupted else { return .interrupted }
                wasInterrupted = true
                Task { try? await connection.close() }
            }
        }
        return outcome
    }

    private func end() { isEnding.store(true, ordering: .relaxed) }

    // MARK: - Connecting

    private func connect() async {
        do {
            if settings.reconnects {
                let connections = WebSocketClient.reconnecting(
                    to: settings.uri, configuration: settings.configuration,
                    stateChanged: { [note] in if let sentence = $0.sentence { note.yield(.waiting(sentence)) } })
                for try await connection in connections {
                    await follow(connection)
                    if isEnding.load(ordering: .relaxed) { break }
                }
            } else {
                await follow(try await WebSocketClient.open(settings.uri, configuration: settings.configuration))
            }
            note.yield(.over(nil))
        } catch {
            note.yield(.over("\(error)"))
        }
    }

    /// Shows what comes, until the connection has ended.
    private func follow(_ connection: WebSocketConnection) async {
        note.yield(.opened(connection))
        do {
            while true { transcript.received(try await connection.receive()) }
        } catch {
            await connection.waitUntilClosed()
            let closure = await connection.closure
            note.yield(.closed(closure ?? Closure(cause: .connectionLost)))
        }
    }

    // MARK: - Input

    private func read() {
        console.read { [note] line in
            guard let line else {
                note.yield(.inputEnded)
                return
            }
            let taken = DispatchSemaphore(value: 0)
            note.yield(.line(line, taken))
            taken.wait()
        }
    }

    private func take(_ line: String, _ connection: WebSocketConnection?) async {
        let input = settings.parse(line)
        switch input {
        case .nothing: return
        case .help: transcript.helped(InputLine.helpText)
        case .unknown(let sentence): transcript.complained(sentence)
        case .send, .ping, .pong, .close:
            guard let connection else {
                transcript.complained("There is no connection now, so this was not sent.")
                return
            }
            do { try await perform(input, on: connection) } catch let error as WebSocketError
                where error.code == .closed
            {
                // That it has ended is told when it has.
            } catch {
                transcript.complained("\(error)")
            }
        }
    }

    private func perform(_ input: InputLine, on connection: WebSocketConnection) async throws {
        switch input {
        case .send(let message): try await connection.send(message)
        case .pong(let payload): try await connection.pong(payload)
        case .close(let frame):
            end()
            try await connection.close(frame.code, reason: frame.reason)
        case .ping(let payload):
            // Meanwhile others are typed, which the loop does after what it was given before.
            Task(executorPreference: connection.loop) { [transcript] in
                do { transcript.answered(after: try await connection.ping(payload)) } catch {
                    transcript.complained("\(error)")
                }
            }
        case .help, .nothing, .unknown: break
        }
    }
}

extension ReconnectionState {
    /// What is going on; `nil` for what is told otherwise.
    fileprivate var sentence: String? {
        switch self {
        case .waiting(let delay, let failure):
            "\(failure). The next attempt is in \(delay.shown)."
        default: nil
        }
    }
}
