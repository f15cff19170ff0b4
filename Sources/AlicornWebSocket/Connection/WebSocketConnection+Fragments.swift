// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport

extension WebSocketConnection {
    /// Sends one message in fragments, a frame for each element of a sequence (SND-05).
    ///
    /// Frames of other messages cannot come between: those that are sent meanwhile wait for its end, in order (D10), while
    /// pings and pongs go between. Suspends between fragments while the peer reads more slowly than we send. An empty
    /// sequence sends nothing.
    ///
    /// - Throws: ``WebSocketError`` when the connection is closed. `CancellationError` when the task is cancelled: before
    ///   the first fragment that leaves the connection as it was; in the middle of the message the connection is closed
    ///   with 1011, as no other message could be sent any more.
    public func send<Fragments: Sequence>(
        fragments: Fragments, compression: CompressionChoice = .automatic
    ) async throws where Fragments.Element: MessageFragment {
        var iterator = fragments.makeIterator()
        guard var fragment = iterator.next() else { return }
        try await sendInFragments(Fragments.Element.messageKind, compression) { message in
            while let following = iterator.next() {
                try await message.send(fragment)
                fragment = following
            }
            try await message.end(with: fragment)
        }
    }

    /// Sends one message in fragments, a frame for each element of an asynchronous sequence, as soon as it is there, and
    /// an empty one at the end (SND-06).
    ///
    /// The message takes its place among others with its first fragment. Otherwise as
    /// ``send(fragments:compression:)-(Sequence,_)``; when the sequence throws in the middle of the message, the
    /// connection is closed with 1011 and the error is thrown on.
    public func send<Fragments: AsyncSequence>(
        fragments: Fragments, compression: CompressionChoice = .automatic
    ) async throws where Fragments.Element: MessageFragment {
        var iterator = fragments.makeAsyncIterator()
        guard let first = try await iterator.next(isolation: #isolation) else { return }
        try await sendInFragments(Fragments.Element.messageKind, compression) { message in
            try await message.send(first)
            while let fragment = try await iterator.next(isolation: #isolation) { try await message.send(fragment) }
            try await message.end(with: [UInt8]())
        }
    }

    /// Waits for the message's turn, and closes the connection if it breaks off in the middle.
    private func sendInFragments(
        _ kind: MessageKind, _ compression: CompressionChoice, _ body: (inout FragmentedMessage) async throws -> Void
    ) async throws {
        try Task.checkCancellation()
        try await waitForTurn(kind, compression)
        var message = FragmentedMessage(connection: self)
        do {
            try await body(&message)
        } catch {
            if !message.hasEnded { try? await breakOff(error) }
            throw error
        }
    }

    private func waitForTurn(_ kind: MessageKind, _ compression: CompressionChoice) async throws {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.waitForTurnOnLoop(kind, compression) }
        }
        do throws(ProtocolMisuse) {
            try driver.beginMessage(kind, compression: compression)
        } catch {
            guard error == .messageInProgress else { throw WebSocketError(error, closure: driver.closure) }
            switch await turn(kind, compression) {
            case .begun: break
            case .cancelled: throw CancellationError()
            case .closed: throw await closedError()
            }
        }
    }

    @concurrent
    private func waitForTurnOnLoop(_ kind: MessageKind, _ compression: CompressionChoice) async throws {
        try await waitForTurn(kind, compression)
    }

    private func turn(_ kind: MessageKind, _ compression: CompressionChoice) async -> FragmentTurn.Outcome {
        let waiting = WaitingTurn()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let turn = FragmentTurn(kind, compression) { continuation.resume(returning: $0) }
                waiting.turn = turn
                driver.wait(for: turn)
            }
        } onCancel: {
            Task(executorPreference: loop) {
                guard let turn = waiting.turn else { return }
                self.driver.giveUp(turn)
                turn.decide(.cancelled)
            }
        }
    }

    /// A turn that its task waits for, for those who cancel it.
    private final class WaitingTurn: @unchecked Sendable {
        // SAFETY: touched on the connection's loop alone.
        var turn: FragmentTurn?
    }

    /// Nobody can send a message any more once one has broken off in the middle (RFC 6455 §5.4).
    private func breakOff(_ error: any Error) async throws {
        let reason = error is CancellationError ? "sending a message was cancelled" : "the source of a message failed"
        try await onLoop { connection in
            guard !connection.driver.abandonMessage() else { return }
            try connection.driver.close(CloseFrame(.internalError, reason: reason))
        }
    }

    fileprivate func sendFragment(_ fragment: some MessageFragment, endsMessage: Bool) async throws {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) {
                try await self.sendFragmentOnLoop(fragment, endsMessage: endsMessage)
            }
        }
        do {
            try fragment.withFragmentBytes { try driver.sendFragment($0, endsMessage: endsMessage) }
        } catch let misuse as ProtocolMisuse {
            throw WebSocketError(misuse, closure: driver.closure)
        }
        if !endsMessage, !driver.hasRoom { try await waitForRoom(inFragments: true) }
    }

    @concurrent
    private func sendFragmentOnLoop(_ fragment: some MessageFragment, endsMessage: Bool) async throws {
        try await sendFragment(fragment, endsMessage: endsMessage)
    }
}

/// A message of which fragments are being sent.
private struct FragmentedMessage {
    let connection: WebSocketConnection
    /// Whether its last frame is on its way: what goes wrong then breaks nothing off.
    private(set) var hasEnded = false

    init(connection: WebSocketConnection) { self.connection = connection }

    func send(_ fragment: some MessageFragment) async throws {
        try Task.checkCancellation()
        try await connection.sendFragment(fragment, endsMessage: false)
    }

    mutating func end(with fragment: some MessageFragment) async throws {
        try Task.checkCancellation()
        try await connection.sendFragment(fragment, endsMessage: true)
        hasEnded = true
        try await connection.onLoop { _ in }
    }
}
