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
            closure(.violation(.messageTooBig(size: 2000, limit: 1000)), sent: CloseFrame(1009)),
            "the peer exceeded a limit: message of at least 2000 bytes exceeds the limit of 1000; "
                + "we closed with 1009 (message too big)"
        ),
        (
            closure(.keepaliveTimeout(silence: .seconds(40)), sent: CloseFrame(1011), timedOut: true),
            "nothing came from the peer for 40 s, not even an answer to a keepalive ping; "
                + "we closed with 1011 (internal error); it did not end the connection in time"
        ),
        (
            closure(.connectionLost),
            "TCP ended without a close frame (1006): the peer is gone, or something between us cut the connection"
        ),
        (
            closure(.transportFailed("connection reset")),
            "the connection failed without a close frame (1006): connection reset"
        ),
        (
            closure(.writeTimeout(.milliseconds(1500))),
            "the peer stopped reading: nothing could be written to it for 1.5 s; we cut the connection"
        ),
        (
            closure(.tooMuchUnsent(bytes: 70, limit: 64)),
            "the peer reads too slowly: 70 bytes that it did not take exceed the limit of 64; we cut the connection"
        ),
        (closure(.cutLocally), "we cut the connection without a close frame"),
        (
            closure(.shutdown, sent: bye, received: bye),
            "our side is shutting down: we closed with 1001 (going away) bye, the peer answered 1001 (going away) bye"
        ),
        (
            closure(.applicationFailed, sent: CloseFrame(1011)),
            "our application failed: we closed with 1011 (internal error), the peer sent no close frame"
        ),
        (closure(.closedByPeer), "the peer closed with nothing"),
    ]

    @Test("CC-06: one sentence says who did what, in order", arguments: sentences)
    func describes(closure: Closure, sentence: String) { #expect(closure.description == sentence) }

    @Test("a user can tell which side began")
    func tellsInitiator() {
        let ours: [Closure.Cause] = [
            .closedLocally, .applicationFailed, .shutdown, .cutLocally, .violation(.unmaskedFrame),
            .keepaliveTimeout(silence: .seconds(1)), .writeTimeout(.seconds(1)), .tooMuchUnsent(bytes: 2, limit: 1),
        ]
        #expect(ours.allSatisfy { Closure(cause: $0).initiator == .us })
        #expect(Closure(cause: .closedByPeer).initiator == .peer)
        #expect([.connectionLost, .transportFailed("x")].allSatisfy { Closure(cause: $0).initiator == .network })
    }

    @Test(
        "durations are told in seconds, to the millisecond",
        arguments: [
            (.seconds(40), "40 s"), (.milliseconds(250), "0.25 s"), (.milliseconds(1005), "1.005 s"),
            (.microseconds(1), "0 s"), (.seconds(-1), "0 s"),
        ] as [(Duration, String)])
    func durations(_ duration: Duration, words: String) { #expect(duration.inWords == words) }
}
