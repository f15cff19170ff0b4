// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

/// A connection that does other things while the bytes arrive, as the script says, with its peer at the other end.
struct Course: ~Copyable {
    private let input: FuzzInput
    private let setup: Setup
    private var connection: WebSocketProtocol
    /// Reads what goes out: whatever happens, that keeps to the protocol.
    private var peer: WebSocketProtocol
    private var inbox: Inbox
    private var peerInbox: Inbox
    private var now = Timestamp(nanoseconds: 0)
    private var consumed = 0
    private var hasReceivedEnd = false
    /// What may have gone out at most, by what has come and been done.
    private var allowance = 0

    static func run(_ input: FuzzInput) {
        var course = Self(input)
        course.run()
    }

    private init(_ input: FuzzInput) {
        self.input = input
        setup = Setup(input.options)
        connection = setup.connection(as: setup.role)
        peer = setup.connection(as: setup.role.other)
        inbox = Inbox(limit: setup.limit)
        peerInbox = Inbox(limit: setup.limit)
    }

    private mutating func run() {
        for step in input.script {
            act(kind: step & 0x0F, argument: Int(step >> 4))
            flush()
        }
        receive(input.payload.count)
        connection.receiveEOF()
        check(connection.isClosed && connection.nextDeadline == nil, "behind the end of the input nothing is due")
        flush()
    }

    private mutating func act(kind: UInt8, argument: Int) {
        switch kind {
        case 0, 1: receive(argument + 1)
        case 2: receive((argument + 1) * 64)
        case 3: wait(argument)
        case 4: send(argument)
        case 5: sendFragment(argument)
        case 6:
            allowance += 139
            attempt { (connection: inout WebSocketProtocol, now) throws(ProtocolMisuse) in
                _ = try connection.ping(argument == 0 ? nil : Array(repeating: 0x50, count: argument * 9), now: now)
            }
        case 7:
            allowance += 139
            attempt { (connection: inout WebSocketProtocol, _) throws(ProtocolMisuse) in
                try connection.pong(Array(repeating: 0x51, count: argument * 9))
            }
        case 8: close(argument)
        case 9: connection.didDeliver()
        case 10: connection.outputBlocked()
        case 11: connection.outputUnblocked()
        case 12: connection.pauseReceiving()
        case 13: connection.resumeReceiving(at: now)
        case 14:
            switch argument {
            case 0: connection.receiveEOF()
            case 1: connection.cut(because: .transportFailed("reset"))
            case 2: connection.cut(because: .writeTimeout(.seconds(30)))
            default: now = now.advanced(by: .milliseconds(argument * argument * 50))
            }
        default:
            allowance += 139
            connection.handleTimeout(now: now)
        }
    }

    /// Lets the next bytes arrive.
    private mutating func receive(_ count: Int) {
        let end = min(consumed + count, input.payload.count)
        guard consumed < end else { return }
        var bytes = Array(input.payload[consumed..<end])
        allowance += 3 * bytes.count + 131
        consumed = end
        var position = 0
        connection.receive(at: now)
        while let event = connection.takeEvent(of: &bytes, from: &position, into: &inbox) {
            check(!hasReceivedEnd, "nothing comes behind a close frame or a violation")
            if event == .close || event == .violation { hasReceivedEnd = true }
        }
    }

    /// Lets the time come that is due next, some times.
    private mutating func wait(_ times: Int) {
        for _ in 0...times {
            guard let deadline = connection.nextDeadline else { return }
            allowance += 300
            if deadline > now {
                let outputCount = connection.outputCount
                let early = Timestamp(nanoseconds: max(now.nanoseconds, deadline.nanoseconds - 1))
                if early < deadline { connection.handleTimeout(now: early) }
                check(connection.outputCount == outputCount, "nothing happens before its time")
                check(connection.nextDeadline == deadline, "what is due stays so until its time has come")
                now = deadline
            }
            // One time may end the wait for a pong, for the application and for the peer, if all are zero.
            for _ in 0..<3 { connection.handleTimeout(now: now) }
            check(connection.nextDeadline.map { $0 > now } ?? true, "what is due is done at once")
        }
    }

    private mutating func send(_ argument: Int) {
        let payload = Array(input.payload.prefix(argument * argument * 40))
        allowance += payload.count * 2 + 100
        let text = String(decoding: payload, as: UTF8.self)
        let isText = argument & 1 == 0 && text.utf8.count == payload.count && text.utf8.elementsEqual(payload)
        attempt { (connection: inout WebSocketProtocol, _) throws(ProtocolMisuse) in
            try connection.send(payload.span, as: isText ? .text : .binary)
        }
    }

    private mutating func sendFragment(_ argument: Int) {
        let payload = Array(input.payload.prefix(argument * 8))
        allowance += payload.count * 2 + 100
        attempt { (connection: inout WebSocketProtocol, _) throws(ProtocolMisuse) in
            if !connection.isSendingFragments { try connection.beginMessage(.binary, compression: .always) }
            try connection.sendFragment(payload.span, endsMessage: argument & 1 == 1)
        }
    }

    private mutating func close(_ argument: Int) {
        allowance += 131
        let codes: [CloseCode] = [1000, 1001, 1005, 1006, 3000, 999, 4999, 1011]
        let frame = CloseFrame(codes[argument & 7], reason: String(repeating: "é", count: argument * 8))
        attempt { (connection: inout WebSocketProtocol, now) throws(ProtocolMisuse) in
            try connection.close(frame, now: now)
        }
    }

    /// Does what may be misuse: it is refused with a sentence, and changes nothing that goes out.
    private mutating func attempt(
        _ body: (inout WebSocketProtocol, Timestamp) throws(ProtocolMisuse) -> Void
    ) {
        let before = connection.outputCount
        do throws(ProtocolMisuse) {
            try body(&connection, now)
        } catch {
            check(!error.description.isEmpty, "misuse has a sentence")
            check(connection.outputCount == before, "what was refused sends nothing")
        }
    }

    /// Takes what goes out to the peer.
    private mutating func flush() {
        check(connection.isClosed || !connection.hasReceivedAll || connection.nextDeadline != nil, "an end is bounded")
        check(!connection.isClosed || connection.nextDeadline == nil, "a closed connection waits for nothing")
        var output: [UInt8] = []
        let end = connection.takeOutput(into: &output)
        check(!connection.hasOutput, "what was taken is gone")
        check(output.count <= allowance, "what goes out is bounded by what came")
        allowance -= output.count
        check(!connection.isClosed || end == .close || end == .abort, "a closed connection ends TCP")
        var position = 0
        while let event = peer.takeEvent(of: &output, from: &position, into: &peerInbox) {
            check(event != .violation || exceedsLimit, "what goes out keeps to the protocol")
        }
    }

    /// Whether the peer broke off because of a limit, which a sender does not know.
    private var exceedsLimit: Bool {
        guard case .violation(let violation) = peer.closure?.cause else { return false }
        return switch violation {
        case .frameTooBig, .messageTooBig, .tooManyFragments: true
        default: false
        }
    }
}
