// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore
import NIOWebSocket

extension ProtocolViolation {
    /// What the client did, told by what NIOWebSocket objects to, which does not say how long a message that is too long
    /// was; `nil` for what is no fault of the client's.
    init?(_ error: any Error, in codec: NIOWebSocketCodec) {
        let limit = codec.maximumMessageSize
        switch error {
        case let violation as ProtocolViolation: self = violation
        case let error as NIOWebSocketError:
            switch error {
            case .invalidFrameLength: self = .messageTooBig(size: limit + 1, limit: limit)
            case .fragmentedControlFrame: self = .fragmentedControlFrame
            case .multiByteControlFrameLength: self = .controlFrameTooLong
            }
        case let error as NIOWebSocketFrameAggregator.Error:
            switch error {
            case .nonFinalFragmentSizeIsTooSmall, .tooManyFragments:
                self = .tooManyFragments(limit: codec.maximumFragments)
            case .accumulatedFrameSizeIsTooLarge: self = .messageTooBig(size: limit + 1, limit: limit)
            case .receivedNewFrameWithoutFinishingPrevious: self = .expectedContinuation
            case .didReceiveFragmentBeforeReceivingTextOrBinaryFrame: self = .unexpectedContinuation
            }
        default: return nil
        }
    }
}

extension CloseFrame {
    /// Reads the payload of a received close frame (RFC 6455 §5.5.1).
    init(nioPayload payload: ByteBuffer) throws(ProtocolViolation) {
        var payload = payload
        guard payload.readableBytes > 0 else {
            self.init(.noStatusReceived)
            return
        }
        guard let number = payload.readWebSocketErrorCode().map({ UInt16(webSocketErrorCode: $0) }) else {
            throw .closeFrameTooShort
        }
        let code = CloseCode(rawValue: number)
        guard code.isAllowedOnTheWire else { throw .invalidCloseCode(number) }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            throw .invalidCloseReason
        }
        self.init(code, reason: reason)
    }

    /// The payload to send; empty when there is no code.
    var nioPayload: ByteBuffer {
        var payload = ByteBuffer()
        guard code != .noStatusReceived else { return payload }
        payload.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: Int(code.rawValue)))
        payload.writeString(reason)
        return payload
    }
}
