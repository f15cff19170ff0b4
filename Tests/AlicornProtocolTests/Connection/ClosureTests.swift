// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ClosureTests {
    static func closure(
        _ cause: Closure.Cause, sent: CloseFrame? = nil, received: CloseFrame? = nil, timedOut: Bool = false
    ) -> Closure {
        var closure = Closure(cause: cause)
        (closure.sent, closure.received, closure.timedOut) = (sent, received, timedOut)
        return closure
    }

    static let bye = CloseFrame(.goingAway, reason: "bye")

    @Test("CC-05: the code is the peer's, or 1006 if it sent none")
    func hasCode() {
        #expect(Self.closure(.closedByPeer, received: CloseFrame(4000)).code == 4000)
        #expect(Self.closure(.closedByPeer, received: CloseFrame(.noStatusReceived)).code == .noStatusReceived)
        #expect(Self.closure(.closedLocally, sent: CloseFrame(1000)).code == .abnormalClosure)
    }

    @Test("CC-04: normal are 1000, 1001 and no code, on both sides")
    func isNormal() {
        let normal: [CloseCode] = [.normalClosure, .goingAway, .noStatusReceived]
        for sent in normal {
            for received in normal {
                #expect(Self.closure(.closedLocally, sent: CloseFrame(sent), received: CloseFrame(received)).isNormal)
            }
            #expect(!Self.closure(.closedLocally, sent: CloseFrame(sent), received: CloseFrame(1011)).isNormal)
            #expect(!Self.closure(.closedByPeer, sent: CloseFrame(4000), received: CloseFrame(sent)).isNormal)
            #expect(!Self.closure(.closedLocally, sent: CloseFrame(sent)).isNormal)
            #expect(!Self.closure(.closedByPeer, received: CloseFrame(sent)).isNormal)
        }
    }

    static let sentences: [(Closure, String)] = [
        (
            closure(.closedByPeer, sent: bye, received: bye),
            "the peer closed with 1001 (going away) bye, we answered 1001 (going away)"
        ),
        (closure(.closedByPeer, received: bye), "the peer closed with 1001 (going away) bye"),
        (
            closure(.closedLocally, sent: CloseFrame(1000), received: bye),
            "we closed with 1000 (OK), the peer answered 1001 (going away) bye"
        ),
        (
            closure(.closedLocally, sent: CloseFrame(1000)),
            "we closed with 1000 (OK), the peer sent no close frame"
        ),
        (
            closure(.closedLocally, sent: CloseFrame(1000), timedOut: true),
            "we closed with 1000 (OK), the peer sent no close frame; it did not end the connection in time"
        ),
        (
            closure(.violation(.unmaskedFrame), sent: ProtocolViolation.unmaskedFrame.closeFrame),
            "the peer broke the protocol: frame from a client is not masked; we closed with 1002 (protocol error)"
        ),
        (
            closure(.violation(.unmaskedFrame), sent: CloseFrame(1000)),
            "the peer broke the protocol: frame from a client is not masked; we closed with 1000 (OK)"
        ),
        (closure(.violation(.maskedFrame)), "the peer broke the protocol: frame from a server is masked"),
        (
            closure(.keepaliveTimeout, sent: CloseFrame(1011), timedOut: true),
            "the peer did not answer a keepalive ping in time; we closed with 1011; it did not end the connection in time"
        ),
        (closure(.connectionLost), "the connection ended without a close frame (1006)"),
        (
            closure(.transportFailed("connection reset")),
            "the connection failed without a close frame: connection reset"
        ),
        (closure(.writeTimeout), "the peer stopped reading: nothing could be written for too long"),
    ]

    @Test("CC-06: one sentence says who did what, in order", arguments: sentences)
    func describes(closure: Closure, sentence: String) { #expect(closure.description == sentence) }
}
