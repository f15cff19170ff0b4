// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §7; the CL rows. Times in seconds: the close timeout is 10, the grace 1.
struct CloseHandshakeTests {
    /// The states of the table in the header comment, told from outside.
    enum State: String, CaseIterable {
        case open, answering, closing, ended, closed
    }

    enum Input: String, CaseIterable {
        case closeLocally, receivedClose, violated, keepaliveTimedOut, answer, lost, grace, closeTimeout
    }

    static let ours = CloseFrame(.goingAway, reason: "ours")
    static let theirs = CloseFrame(4000, reason: "theirs")

    static func make(_ state: State) -> CloseHandshake {
        var handshake = CloseHandshake(timeout: .seconds(10), grace: .seconds(1))
        switch state {
        case .open: break
        case .answering: handshake.receivedClose(theirs, now: .seconds(0))
        case .closing: _ = handshake.closeLocally(ours, now: .seconds(0))
        case .ended: _ = handshake.keepaliveTimedOut(silence: .seconds(40), now: .seconds(0))
        case .closed: handshake.lost(.connectionLost)
        }
        return handshake
    }

    static func state(of handshake: CloseHandshake) -> State? {
        switch (handshake.allowsSending, handshake.allowsReceiving, handshake.hasEnded, handshake.isClosed) {
        case (true, true, false, false): handshake.isOpen ? .open : nil
        case (true, false, false, false): .answering
        case (false, true, false, false): .closing
        case (false, false, true, false): .ended
        case (false, false, true, true): .closed
        default: nil
        }
    }

    /// - Returns: what is to be done, `-` for nothing.
    static func apply(_ input: Input, to handshake: inout CloseHandshake) -> String {
        func shown(_ frame: CloseFrame?) -> String { frame.map { "send \($0.code.rawValue)" } ?? "-" }
        func shown(_ action: CloseHandshake.TimeoutAction) -> String {
            switch action {
            case .none: "-"
            case .answer(let frame): shown(frame)
            case .abort: "cut"
            }
        }
        switch input {
        case .closeLocally: return shown(handshake.closeLocally(ours, now: .seconds(0.5)))
        case .receivedClose: handshake.receivedClose(theirs, now: .seconds(0.5))
        case .violated: handshake.violated(.unmaskedFrame, now: .seconds(0.5))
        case .keepaliveTimedOut: return shown(handshake.keepaliveTimedOut(silence: .seconds(40), now: .seconds(0.5)))
        case .answer: return shown(handshake.answer())
        case .lost: handshake.lost(.connectionLost)
        case .grace: return shown(handshake.handleTimeout(now: .seconds(1)))
        case .closeTimeout: return shown(handshake.handleTimeout(now: .seconds(10)))
        }
        return "-"
    }

    /// The header comment's table, every pair spelt out.
    static let table = """
        open       closeLocally       closing    send 1001
        open       receivedClose      answering  -
        open       violated           answering  -
        open       keepaliveTimedOut  ended      send 1011
        open       answer             open       -
        open       lost               closed     -
        open       grace              open       -
        open       closeTimeout       open       -
        answering  closeLocally       ended      send 4000
        answering  receivedClose      answering  -
        answering  violated           answering  -
        answering  keepaliveTimedOut  answering  -
        answering  answer             ended      send 4000
        answering  lost               closed     -
        answering  grace              ended      send 4000
        answering  closeTimeout       closed     cut
        closing    closeLocally       closing    -
        closing    receivedClose      ended      -
        closing    violated           ended      -
        closing    keepaliveTimedOut  closing    -
        closing    answer             closing    -
        closing    lost               closed     -
        closing    grace              closing    -
        closing    closeTimeout       closed     cut
        ended      closeLocally       ended      -
        ended      receivedClose      ended      -
        ended      violated           ended      -
        ended      keepaliveTimedOut  ended      -
        ended      answer             ended      -
        ended      lost               closed     -
        ended      grace              ended      -
        ended      closeTimeout       closed     cut
        closed     closeLocally       closed     -
        closed     receivedClose      closed     -
        closed     violated           closed     -
        closed     keepaliveTimedOut  closed     -
        closed     answer             closed     -
        closed     lost               closed     -
        closed     grace              closed     -
        closed     closeTimeout       closed     -
        """

    @Test("every pair of state and input does what the table says")
    func walksTable() {
        var rows: [String] = []
        for state in State.allCases {
            for input in Input.allCases {
                var handshake = Self.make(state)
                #expect(Self.state(of: handshake) == state)
                let action = Self.apply(input, to: &handshake)
                let next = Self.state(of: handshake)?.rawValue ?? "?"
                rows.append(
                    state.rawValue.padded(to: 11) + input.rawValue.padded(to: 19) + next.padded(to: 11) + action)
            }
        }
        for (row, expected) in zip(rows, Self.table.split(separator: "\n")) { #expect(row == expected) }
        #expect(rows.count == Self.table.split(separator: "\n").count)
    }

    @Test("CL-05: one deadline runs from the first input that leaves open, whatever comes after")
    func keepsDeadline() {
        var handshake = Self.make(.open)
        #expect(handshake.nextDeadline == nil)
        _ = handshake.closeLocally(Self.ours, now: .seconds(3))
        #expect(handshake.nextDeadline == .seconds(13))
        handshake.receivedClose(Self.theirs, now: .seconds(8))
        #expect(handshake.nextDeadline == .seconds(13))
        #expect(handshake.handleTimeout(now: .seconds(12.9)) == .none)
        #expect(handshake.handleTimeout(now: .seconds(13)) == .abort)
        #expect(handshake.nextDeadline == nil)
        #expect(handshake.closure?.timedOut == true)
    }

    @Test("the answer waits for the grace, and TCP for the rest of the close timeout")
    func ordersDeadlines() {
        var handshake = Self.make(.open)
        handshake.receivedClose(Self.theirs, now: .seconds(3))
        #expect(handshake.nextDeadline == .seconds(4))
        #expect(handshake.handleTimeout(now: .seconds(4)) == .answer(Self.theirs))
        #expect(handshake.nextDeadline == .seconds(13))
    }

    @Test(
        "a close timeout that is no longer than the grace still leaves time to write the answer", arguments: [1.0, 0.3])
    func shortensGrace(timeout: Double) {
        var handshake = CloseHandshake(timeout: .seconds(timeout), grace: .seconds(1))
        handshake.receivedClose(Self.theirs, now: .seconds(0))
        #expect(handshake.nextDeadline == .seconds(timeout / 2))
        #expect(handshake.handleTimeout(now: .seconds(timeout / 2)) == .answer(Self.theirs))
        #expect(handshake.nextDeadline == .seconds(timeout))
    }

    @Test("a close timeout of nothing cuts at once", arguments: [0.0, -1.0])
    func cutsAtOnce(timeout: Double) {
        var handshake = CloseHandshake(timeout: .seconds(timeout), grace: .seconds(1))
        handshake.receivedClose(Self.theirs, now: .seconds(5))
        #expect(handshake.handleTimeout(now: .seconds(5)) == .abort)
        #expect(handshake.nextDeadline == nil)
    }

    @Test("the longest timeout does not overflow")
    func survivesLongTimeouts() {
        var handshake = CloseHandshake(timeout: .seconds(Int64.max), grace: .seconds(Int64.max))
        handshake.receivedClose(Self.theirs, now: .seconds(5))
        #expect(handshake.nextDeadline.map { $0 > .seconds(1e9) } == true)
    }

    @Test("what ended it is kept, with the frames of both sides")
    func records() {
        var handshake = Self.make(.closing)
        #expect(handshake.closure?.cause == .closedLocally && handshake.closure?.sent == Self.ours)
        handshake.receivedClose(Self.theirs, now: .seconds(1))
        #expect(handshake.closure?.received == Self.theirs)
        handshake.lost(.connectionLost)
        #expect(handshake.closure?.cause == .closedLocally)

        handshake = Self.make(.answering)
        #expect(handshake.closure?.cause == .closedByPeer && handshake.closure?.sent == nil)
        _ = handshake.closeLocally(Self.ours, now: .seconds(1))
        #expect(handshake.closure?.sent == Self.theirs)

        handshake = Self.make(.closing)
        handshake.violated(.unmaskedFrame, now: .seconds(1))
        #expect(handshake.closure?.cause == .violation(.unmaskedFrame) && handshake.closure?.sent == Self.ours)

        handshake = Self.make(.open)
        handshake.violated(.unmaskedFrame, now: .seconds(1))
        #expect(handshake.answer() == ProtocolViolation.unmaskedFrame.closeFrame)

        handshake = Self.make(.open)
        handshake.lost(.transportFailed("reset"))
        #expect(handshake.closure == Closure(cause: .transportFailed("reset")))
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: width - count) }
}
