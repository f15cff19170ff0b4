// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Messages that go to many connections: framed once, and transformed once for each form that suits some of them (BRD-04).
extension WebSocketProtocol {
    /// What becomes of a frame that was made for many connections.
    package enum SharedFrame {
        /// It is to be written at once: there is nothing before it.
        case nothingBefore
        /// It was put into the output, behind what is there.
        case taken
        /// This connection needs one of another form: it masks, or transforms.
        case unsuitable
    }

    /// Sends a whole message whose frame is there already, as a server sends it.
    package mutating func share(
        _ frame: Span<UInt8>, payloadLength: Int, as kind: MessageKind, compression: CompressionChoice
    ) throws(ProtocolMisuse) -> SharedFrame {
        let own = try wholeMessage(kind, compression)
        guard role == .server, payloadLength <= Int(fragmentSize), !transforms(own, length: payloadLength) else {
            return .unsuitable
        }
        return put(frame)
    }

    /// What a message of that length is transformed to, as a number that is the same for all connections which make the
    /// same of it; `nil` when this one has to make its own frames.
    package func standaloneForm(length: Int) -> UInt32? {
        guard role == .server, fragmentSize == .max else { return nil }
        return transform?.standaloneForm(length: length)
    }

    /// Makes a frame for all connections of the same form.
    package func standaloneFrame(_ payload: Span<UInt8>, as kind: MessageKind) -> [UInt8] {
        var transformed: [UInt8] = []
        transform?.encodeStandalone(payload, into: &transformed)
        var frame: [UInt8] = []
        FrameHeader(opcode: kind.opcode, rsv1: true, payloadLength: transformed.count)
            .encode(into: &frame, before: transformed.span)
        return frame
    }

    /// Sends a whole message whose frame was made by ``standaloneFrame(_:as:)`` of a connection of the same form.
    package mutating func shareStandalone(_ frame: Span<UInt8>) -> SharedFrame {
        transform?.willSendStandalone()
        return put(frame)
    }

    private mutating func put(_ frame: Span<UInt8>) -> SharedFrame {
        guard !output.isEmpty else { return .nothingBefore }
        output.append(copying: frame)
        return .taken
    }
}
