// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
public import AlicornProtocol
import AlicornTransport
import NIOCore

extension WebSocketConnection {
    /// Sends one message to many connections, without waiting, from anywhere.
    ///
    /// Its frame is made once, it is compressed once for all whose parameters agree, and it crosses to each event loop
    /// once. To a connection that is gone it is dropped, and one with more than
    /// ``ConnectionConfiguration/maximumUnsentBytes`` unsent is cut.
    public static func broadcast(
        _ message: WebSocketMessage, to connections: [WebSocketConnection], compression: CompressionChoice = .automatic
    ) {
        Broadcast(message, compression).post(to: connections)
    }

    /// The same for those of a set, or what else gives them.
    public static func broadcast(
        _ message: WebSocketMessage, to connections: some Sequence<WebSocketConnection>,
        compression: CompressionChoice = .automatic
    ) {
        broadcast(message, to: Array(connections), compression: compression)
    }

    /// Sends one message to many connections, from anywhere, with a policy for those who are slow, and says who gets it.
    ///
    /// - Parameter policy: what becomes of a connection that has too much unsent. Only ``SlowRecipientPolicy/wait(above:atMost:)``
    ///   waits; cancelling ends that, and who was waited for is skipped.
    @discardableResult
    public static func broadcast(
        _ message: WebSocketMessage, to connections: some Sequence<WebSocketConnection>,
        compression: CompressionChoice = .automatic, whenSlow policy: SlowRecipientPolicy
    ) async -> BroadcastReport<WebSocketConnection> {
        await Broadcast(message, compression).send(to: Array(connections), policy)
    }
}

extension CallbackConnection {
    /// Sends one message to many connections, without waiting, from anywhere; see
    /// ``WebSocketConnection/broadcast(_:to:compression:)-(_,[WebSocketConnection],_)``.
    public static func broadcast(
        _ message: WebSocketMessage, to connections: [CallbackConnection], compression: CompressionChoice = .automatic
    ) {
        Broadcast(message, compression).post(to: connections)
    }

    /// The same for those of a set, or what else gives them.
    public static func broadcast(
        _ message: WebSocketMessage, to connections: some Sequence<CallbackConnection>,
        compression: CompressionChoice = .automatic
    ) {
        broadcast(message, to: Array(connections), compression: compression)
    }

    /// Sends one message to many connections, from any task, with a policy for those who are slow, and says who gets it;
    /// see ``WebSocketConnection/broadcast(_:to:compression:whenSlow:)``.
    @discardableResult
    public static func broadcast(
        _ message: WebSocketMessage, to connections: some Sequence<CallbackConnection>,
        compression: CompressionChoice = .automatic, whenSlow policy: SlowRecipientPolicy
    ) async -> BroadcastReport<CallbackConnection> {
        await Broadcast(message, compression).send(to: Array(connections), policy)
    }
}

/// A message on its way to many connections: each loop gets it once.
struct Broadcast: Sendable {
    let message: SharedMessage

    init(_ message: WebSocketMessage, _ compression: CompressionChoice) {
        self.message = SharedMessage(
            SharedByteBuffer(message.buffer), as: message.kind, compression: compression,
            makeOwner: { SharedByteBuffer(ByteBuffer(bytes: $0)) })
    }

    // MARK: - Without waiting

    @inline(__always)
    func post<Recipient: MessageRecipient>(to recipients: [Recipient]) {
        var elsewhere: [LoopGroup<Recipient>] = []
        let frame = message.frame
        for recipient in recipients {
            if recipient.driver.isOnLoop {
                try? recipient.driver.send(message, frame.span)
            } else {
                elsewhere.add(recipient)
            }
        }
        for group in elsewhere {
            Task(executorPreference: group.loop) {
                let frame = message.frame
                for recipient in group.recipients { try? recipient.driver.send(message, frame.span) }
            }
        }
    }

    // MARK: - With a policy

    func send<Recipient: MessageRecipient>(
        to recipients: [Recipient], _ policy: SlowRecipientPolicy
    ) async -> BroadcastReport<Recipient> {
        var groups: [LoopGroup<Recipient>] = []
        for recipient in recipients { groups.add(recipient) }
        return await send(to: groups, policy)
    }

    func send<Recipient: MessageRecipient>(
        to groups: [LoopGroup<Recipient>], _ policy: SlowRecipientPolicy
    ) async -> BroadcastReport<Recipient> {
        await withTaskGroup(of: BroadcastReport<Recipient>.self) { tasks in
            for group in groups {
                tasks.addTask(executorPreference: group.loop) { await send(to: group, policy) }
            }
            var whole = BroadcastReport<Recipient>()
            for await report in tasks { whole.add(report) }
            return whole
        }
    }

    /// On the group's loop.
    private func send<Recipient: MessageRecipient>(
        to group: LoopGroup<Recipient>, _ policy: SlowRecipientPolicy
    ) async -> BroadcastReport<Recipient> {
        var report = BroadcastReport<Recipient>()
        let frame = message.frame
        for recipient in group.recipients {
            report.add(recipient, policy.offer(message, frame.span, to: recipient.driver))
        }
        guard case .wait(let timeout) = policy.action, !report.skipped.isEmpty else { return report }
        let slow = report.skipped
        report.skipped = []
        // All are waited for at the same time, so that one timeout holds for all.
        return await withTaskGroup(of: (Recipient, SlowRecipientPolicy.Outcome).self) { tasks in
            for recipient in slow {
                tasks.addTask(executorPreference: group.loop) {
                    _ = await recipient.waitForRoom(atMost: timeout)
                    let frame = message.frame
                    return (recipient, policy.offer(message, frame.span, to: recipient.driver))
                }
            }
            for await (recipient, outcome) in tasks { report.add(recipient, outcome) }
            return report
        }
    }
}
