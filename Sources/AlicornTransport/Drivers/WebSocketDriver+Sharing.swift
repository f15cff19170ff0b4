// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Messages that go to many connections.
extension WebSocketDriver {
    /// Sends a message that goes to many connections.
    ///
    /// - Parameter frame: the message's own, which is so borrowed once for all of them.
    package func send(_ message: SharedMessage, _ frame: Span<UInt8>) throws(ProtocolMisuse) {
        do throws(ProtocolMisuse) {
            let shared = try core.share(
                frame, payloadLength: message.length, as: message.kind, compression: message.compression)
            if !take(shared, frame, owner: { message.owner(of: message.frame, form: nil) }) { sendTransformed(message) }
        } catch {
            guard error == .messageInProgress else { throw error }
            keep(message.payload, message.kind, message.compression)
        }
    }

    /// Nothing is against sending it, but that it needs a frame of another form.
    private func sendTransformed(_ message: SharedMessage) {
        guard let form = core.standaloneForm(length: message.length) else {
            let payload = message.payload
            payload.withBytes { bytes in
                try? send(bytes, as: message.kind, compression: message.compression, owner: { payload })
            }
            return
        }
        let frame = message.frame(form) {
            var frame: [UInt8] = []
            message.payload.withBytes { frame = core.standaloneFrame($0, as: message.kind) }
            return frame
        }
        _ = take(core.shareStandalone(frame.span), frame.span, owner: { message.owner(of: frame, form: form) })
    }

    /// A frame up to this size is copied for each peer that is slow to take it, and so put together with what else waits
    /// for that peer; of a longer one there is a single copy for all.
    private static let copiedFrameSize = 4096

    /// - Returns: `false` when the frame does not suit this connection.
    @inline(__always)
    private func take(
        _ shared: WebSocketProtocol.SharedFrame, _ frame: Span<UInt8>, owner: () -> any SharedBytes
    ) -> Bool {
        switch shared {
        case .unsuitable: return false
        case .taken:
            corked.add(frame.count)
            didQueueOutput(frame.count)
        case .nothingBefore: give(Span(), frame, owner: { frame.count > Self.copiedFrameSize ? owner() : nil })
        }
        didSendMessage()
        return true
    }
}
