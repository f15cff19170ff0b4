// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Messages in fragments, and what waits for their end.
extension WebSocketDriver {
    /// Begins a message in fragments.
    ///
    /// - Throws: ``ProtocolMisuse/messageInProgress`` while another one is being sent; ``wait(for:)`` then.
    package func beginMessage(_ kind: MessageKind, compression: CompressionChoice) throws(ProtocolMisuse) {
        try core.beginMessage(kind, compression: compression)
    }

    package func sendFragment(_ payload: Span<UInt8>, endsMessage: Bool) throws(ProtocolMisuse) {
        try core.sendFragment(payload, endsMessage: endsMessage)
        corked.add(payload.count)
        if endsMessage { didSendMessage() }
        didQueueOutput(payload.count)
        if endsMessage, waiting != nil { sendWaiting() }
    }

    /// Gives up a message that was begun, if nothing of it was sent; if not, nobody can send another one.
    package func abandonMessage() -> Bool {
        guard core.abandonMessage() else { return false }
        if waiting != nil { sendWaiting() }
        return true
    }

    /// Begins the message of `turn` once those before it have been sent.
    package func wait(for turn: FragmentTurn) { openWaiting().append(turn) }

    package func giveUp(_ turn: FragmentTurn) { waiting?.remove(turn) }

    /// Keeps a message until the one in fragments has ended.
    func keep(_ bytes: any SharedBytes, _ kind: MessageKind, _ compression: CompressionChoice) {
        let waiting = openWaiting()
        waiting.append(bytes, kind, compression)
        guard waiting.byteCount > maximumUnsent else { return }
        core.cut(because: .tooMuchUnsent(bytes: waiting.byteCount, limit: maximumUnsent))
        settle()
    }

    private func openWaiting() -> WaitingSends {
        let waiting = waiting ?? WaitingSends()
        self.waiting = waiting
        return waiting
    }

    /// The message in fragments has ended: those behind it have their turn, up to the next one in fragments.
    private func sendWaiting() {
        while let next = waiting?.next() {
            switch next {
            case .whole(let bytes, let kind, let compression):
                bytes.withBytes { try? send($0, as: kind, compression: compression, owner: { bytes }) }
            case .inFragments(let turn):
                guard (try? core.beginMessage(turn.kind, compression: turn.compression)) != nil else {
                    turn.decide(.closed)
                    continue
                }
                turn.decide(.begun)
                return
            }
        }
        waiting = nil
        if isWritable { sink?.mayResumeSending() }
    }

    /// Nothing can be sent any more.
    func dropWaiting() {
        guard let dropped = waiting.take() else { return }
        dropped.drop()
        sink?.mayResumeSending()
    }
}

extension CloseFrame {
    /// The end of a connection in the middle of a message that was being sent (CL-04).
    package static let cutOffMessage = CloseFrame(.internalError, reason: "closed in the middle of a message")
}
