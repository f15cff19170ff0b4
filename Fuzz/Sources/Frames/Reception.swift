// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

/// What comes of the bytes when nothing but them arrives.
enum Reception {
    struct Outcome {
        var inbox: Inbox
        var controls: [WebSocketEvent] = []
        var output: [UInt8] = []
        var end = WebSocketProtocol.OutputEnd.stayOpen
        var closure: Closure?

        func agrees(with other: Self) -> Bool {
            guard inbox.messages == other.inbox.messages, inbox.kinds == other.inbox.kinds else { return false }
            let isSame = controls == other.controls && output == other.output && end == other.end
            switch (closure?.cause, other.closure?.cause) {
            case (.violation, .violation):
                // What of the message that broke the rules was valid comes up in as large pieces as there are.
                let (one, two) = (inbox.unfinished ?? [], other.inbox.unfinished ?? [])
                guard one.starts(with: two) || two.starts(with: one) else { return false }
                // zlib may see that data is corrupt before what came ahead of it is seen to break another rule.
                return closure == other.closure && isSame || isCorrupt || other.isCorrupt
            default:
                return isSame && closure == other.closure && inbox.unfinished == other.inbox.unfinished
            }
        }

        private var isCorrupt: Bool {
            if case .violation(.transformFailed) = closure?.cause { true } else { false }
        }
    }

    static func outcome(of input: FuzzInput, cut: Cut) -> Outcome {
        let setup = Setup(input.options)
        var connection = setup.connection(as: setup.role)
        var outcome = Outcome(inbox: Inbox(limit: setup.limit))
        var hasEnded = false
        for piece in cut.pieces(of: input.payload.count) {
            // Its own array, so that the address sanitizer sees an access beyond it.
            var bytes = Array(input.payload[piece])
            var position = 0
            connection.receive(at: Timestamp(nanoseconds: 0))
            while let event = connection.takeEvent(of: &bytes, from: &position, into: &outcome.inbox) {
                check(!hasEnded, "nothing comes behind a close frame or a violation")
                switch event {
                case .data: continue
                case .ping, .pong: break
                case .close, .violation: hasEnded = true
                }
                outcome.controls.append(event)
            }
        }
        check(connection.hasReceivedAll == hasEnded, "a connection knows whether messages can come")
        check(connection.isOpen == !hasEnded, "a connection that the peer ended is not open")
        connection.didDeliver()
        outcome.end = connection.takeOutput(into: &outcome.output)
        outcome.closure = connection.closure
        check(!(connection.closure?.description.isEmpty ?? false), "an end has a sentence")
        // A ping of six bytes becomes a masked pong of as many, one of two bytes to a client one of six.
        check(outcome.output.count <= 3 * input.payload.count + 131, "what goes out is bounded by what came")
        return outcome
    }
}
