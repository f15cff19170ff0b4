// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The message that is being sent: which opcode its next frame has, and whether it is transformed (RFC 6455 §5.4).
struct OutgoingMessage: Sendable, BitwiseCopyable {
    private enum State: Sendable, BitwiseCopyable {
        case none
        case begun(MessageKind, CompressionChoice)
        case continued(isTransformed: Bool)
    }

    /// How one frame of the message goes out.
    struct Frame: Sendable, BitwiseCopyable {
        var opcode: Opcode
        var startsMessage: Bool
        /// What the sender wished, on the first frame; what was decided with it, on later ones.
        var choice: CompressionChoice
    }

    private var state = State.none

    var isInProgress: Bool {
        switch state {
        case .none: false
        case .begun, .continued: true
        }
    }

    /// Begins a message; nothing is sent before its first fragment.
    mutating func begin(_ kind: MessageKind, _ choice: CompressionChoice) throws(ProtocolMisuse) {
        guard !isInProgress else { throw .messageInProgress }
        state = .begun(kind, choice)
    }

    /// The frame for the next fragment.
    func nextFrame() throws(ProtocolMisuse) -> Frame {
        switch state {
        case .none: throw .noMessageInProgress
        case .begun(let kind, let choice): Frame(opcode: kind.opcode, startsMessage: true, choice: choice)
        case .continued(let isTransformed):
            Frame(opcode: .continuation, startsMessage: false, choice: isTransformed ? .always : .never)
        }
    }

    /// Gives up a message of which no fragment was sent.
    ///
    /// - Returns: whether there is no message in progress any more.
    mutating func abandon() -> Bool {
        switch state {
        case .none: return true
        case .begun:
            state = .none
            return true
        case .continued: return false
        }
    }

    /// Notes that a fragment was sent.
    mutating func didSend(isTransformed: Bool, endsMessage: Bool) {
        state = endsMessage ? .none : .continued(isTransformed: isTransformed)
    }
}

/// Whether a message is to be compressed, where an extension that can was negotiated.
public enum CompressionChoice: Sendable, Hashable, BitwiseCopyable {
    /// By the extension's own threshold.
    case automatic
    /// Whatever its size.
    case always
    /// Not at all: for what is compressed already, or holds secrets beside data of others (RFC 7692 §8).
    case never
}
