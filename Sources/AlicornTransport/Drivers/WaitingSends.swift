// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import DequeModule

/// What waits for the end of the message that a connection sends in fragments, in the order in which it was to be sent:
/// frames of two messages must not be mixed (RFC 6455 §5.4).
///
/// It exists only while somebody waits. Confined to the connection's loop.
final class WaitingSends {
    enum Send {
        case whole(any SharedBytes, MessageKind, CompressionChoice)
        case inFragments(FragmentTurn)
    }

    private var sends = Deque<Send>()
    /// The bytes of the messages that wait, and something for each.
    private(set) var byteCount = 0

    private static let overhead = 64

    func append(_ bytes: any SharedBytes, _ kind: MessageKind, _ compression: CompressionChoice) {
        sends.append(.whole(bytes, kind, compression))
        byteCount += bytes.count + Self.overhead
    }

    func append(_ turn: FragmentTurn) { sends.append(.inFragments(turn)) }

    func remove(_ turn: FragmentTurn) {
        sends.removeAll { if case .inFragments(let other) = $0 { other === turn } else { false } }
    }

    func next() -> Send? {
        let next = sends.popFirst()
        if case .whole(let bytes, _, _) = next { byteCount -= bytes.count + Self.overhead }
        return next
    }

    /// Nothing can be sent any more.
    func drop() {
        while let next = next() {
            if case .inFragments(let turn) = next { turn.decide(.closed) }
        }
    }
}

/// A message in fragments that has not begun, as others are before it.
package final class FragmentTurn {
    package enum Outcome: Sendable {
        /// The message has begun: send its fragments.
        case begun
        /// Nothing can be sent any more.
        case closed
        /// It was given up before its turn came.
        case cancelled
    }

    let kind: MessageKind
    let compression: CompressionChoice
    private var whenDecided: ((Outcome) -> Void)?

    /// - Parameter whenDecided: called once, on the loop.
    package init(
        _ kind: MessageKind, _ compression: CompressionChoice, whenDecided: @escaping (Outcome) -> Void
    ) {
        self.kind = kind
        self.compression = compression
        self.whenDecided = whenDecided
    }

    /// Only the first decision counts.
    package func decide(_ outcome: Outcome) { whenDecided.take()?(outcome) }
}
