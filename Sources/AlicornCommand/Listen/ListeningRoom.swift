// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Synchronization

/// The connections of `listen`, and what is done with each.
final class ListeningRoom: Sendable {
    private let misbehaviour: Misbehaviour
    private let echoes: Bool
    private let greetings: [String]
    /// Whether messages are told as they are, beside their frames.
    private let showsMessages: Bool
    private let transcript: @Sendable (String) -> any Transcript
    private let members = Mutex<[ConnectionID: WebSocketConnection]>([:])

    /// - Parameter transcript: makes that of a peer.
    init(
        _ misbehaviour: Misbehaviour, echoes: Bool, greetings: [String], showsMessages: Bool,
        transcript: @escaping @Sendable (String) -> any Transcript
    ) {
        self.misbehaviour = misbehaviour
        self.echoes = echoes
        self.greetings = greetings
        self.showsMessages = showsMessages
        self.transcript = transcript
    }

    /// Sends a text to all that are open.
    func post(_ text: String) {
        for member in members.withLock({ Array($0.values) }) { member.post(.text(text)) }
    }

    func serve(_ connection: WebSocketConnection) async {
        let transcript = transcript(connection.remoteAddress)
        // Before that is told: whoever hears it may type.
        members.withLock { $0[connection.id] = connection }
        transcript.opened(connection, hint: "")
        do { try await converse(on: connection, transcript) } catch {
            // How it ended is told below.
        }
        await connection.waitUntilClosed()
        members.withLock { $0[connection.id] = nil }
        if let closure = await connection.closure { transcript.closed(closure) }
    }

    private func converse(on connection: WebSocketConnection, _ transcript: any Transcript) async throws {
        for text in greetings { try await connection.send(text) }
        if misbehaviour.stall { return await connection.waitUntilClosed() }
        var count = 0
        if try await end(connection, after: count) { return }
        for try await message in connection {
            if showsMessages { transcript.received(message) }
            // What `--delay` is for.
            if !misbehaviour.delay.isZero { try await Task.sleep(for: misbehaviour.delay.duration) }
            if echoes { try await connection.send(message) }
            count += 1
            if try await end(connection, after: count) { return }
        }
    }

    /// - Returns: whether it was time for that.
    private func end(_ connection: WebSocketConnection, after count: Int) async throws -> Bool {
        guard let end = misbehaviour.end, count == misbehaviour.after else { return false }
        switch end {
        case .close(let frame): try await connection.close(frame.code, reason: frame.reason)
        case .cut: await connection.cut()
        }
        return true
    }
}
