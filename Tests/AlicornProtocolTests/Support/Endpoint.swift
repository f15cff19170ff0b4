// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What came out of a connection, pieces put together.
enum Incoming: Equatable {
    case text(String)
    case binary([UInt8])
    case ping
    case pong
    case close
    case violation
}

/// A connection with an application that takes everything at once and remembers it.
final class Endpoint {
    var connection: WebSocketProtocol
    private(set) var incoming: [Incoming] = []
    /// Each piece as it came.
    private(set) var pieces: [MessagePiece] = []
    /// The bytes of the message that is coming in.
    private(set) var unfinished: [UInt8] = []

    init(
        _ role: Role, _ configuration: ProtocolConfiguration = .init(), transform: (any MessageTransform)? = nil,
        randomWord: (@Sendable () -> UInt32)? = nil
    ) {
        let words = Words()
        connection = WebSocketProtocol(
            role: role, configuration: configuration, transform: transform, now: Timestamp(nanoseconds: 0),
            randomWord: randomWord ?? { words.next() })
    }

    /// - Parameter seconds: the time.
    func receive(_ bytes: [UInt8], at seconds: Double) {
        connection.receive(at: .seconds(seconds))
        var bytes = bytes
        var position = 0
        while let event = next(&bytes, &position) { take(event, of: bytes) }
        precondition(position == bytes.count, "all input is consumed when there is no further event")
    }

    /// Takes one event and what it consumed out of the bytes.
    ///
    /// - Returns: whether there was one.
    func receiveOne(_ bytes: inout [UInt8]) -> Bool {
        var position = 0
        guard let event = next(&bytes, &position) else { return false }
        take(event, of: bytes)
        bytes.removeFirst(position)
        return true
    }

    private func take(_ event: WebSocketEvent, of bytes: [UInt8]) {
        switch event {
        case .data(let piece): take(piece, of: bytes)
        case .ping: incoming.append(.ping)
        case .pong: incoming.append(.pong)
        case .close: incoming.append(.close)
        case .violation: incoming.append(.violation)
        }
    }

    private func next(_ bytes: inout [UInt8], _ position: inout Int) -> WebSocketEvent? {
        var span = bytes.mutableSpan
        return connection.next(in: &span, from: &position)
    }

    private func take(_ piece: MessagePiece, of bytes: [UInt8]) {
        precondition(piece.startsMessage == unfinished.isEmpty || piece.startsMessage == false, "a message starts once")
        pieces.append(piece)
        switch piece.location {
        case .input(let range): unfinished += bytes[range]
        case .restored: unfinished += connection.restored
        }
        guard piece.endsMessage else { return }
        switch piece.kind {
        case .text: incoming.append(.text(String(decoding: unfinished, as: UTF8.self)))
        case .binary: incoming.append(.binary(unfinished))
        }
        unfinished = []
    }

    func takeOutput() -> (bytes: [UInt8], end: WebSocketProtocol.OutputEnd) {
        var bytes: [UInt8] = []
        let end = connection.takeOutput(into: &bytes)
        return (bytes, end)
    }

    /// The output as hexadecimal is not readable when masked: the frames in it, as a log shows them.
    func takeFrames() -> [String] { describeFrames(takeOutput().bytes, from: connection.role) }

    func send(_ text: String) throws { try connection.send(Array(text.utf8).span, as: .text) }
    func send(_ bytes: [UInt8]) throws { try connection.send(bytes.span, as: .binary) }

    func close(_ code: CloseCode, _ reason: String = "", at seconds: Double) throws {
        try connection.close(CloseFrame(code, reason: reason), now: .seconds(seconds))
    }

    /// Handles every deadline up to a time, and expects each to have an end.
    ///
    /// - Returns: the times, in seconds.
    @discardableResult
    func handleTimeouts(until seconds: Double) -> [Double] {
        var times: [Double] = []
        while let deadline = connection.nextDeadline, deadline <= .seconds(seconds) {
            connection.handleTimeout(now: deadline)
            times.append(deadline.seconds)
            let isLater = connection.nextDeadline.map { $0 > deadline } ?? true
            precondition(isLater, "a deadline that was handled at \(deadline.seconds) s is due again")
        }
        return times
    }
}

/// What a connection says of itself: expectations cannot look into a value that is not copyable.
extension Endpoint {
    var role: Role { connection.role }
    var closure: Closure? { connection.closure }
    var isOpen: Bool { connection.isOpen }
    var isClosed: Bool { connection.isClosed }
    var allowsSending: Bool { connection.allowsSending }
    var hasReceivedAll: Bool { connection.hasReceivedAll }
    var isSendingFragments: Bool { connection.isSendingFragments }
    var hasTransform: Bool { connection.hasTransform }
    var hasOutput: Bool { connection.hasOutput }
    var outputCount: Int { connection.outputCount }
    var latency: Duration? { connection.latency }
    var lastAnsweredPing: PingID? { connection.lastAnsweredPing }
    var nextDeadline: Timestamp? { connection.nextDeadline }
    var restoredCapacity: Int { connection.restored.capacity }
}

/// Words that are not random at all.
private final class Words: Sendable {
    func next() -> UInt32 { 0x3D21_FA37 }
}

/// The frames in what `sender` wrote, as a log shows them.
func describeFrames(_ bytes: [UInt8], from sender: Role) -> [String] {
    var frames: [String] = []
    var rest = bytes[...]
    while rest.count >= 2 {
        let first = rest.removeFirst()
        let second = rest.removeFirst()
        precondition((second & 0x80 != 0) == (sender == .client), "a client masks, a server does not")
        var length = Int(second & 0x7F)
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            length = rest.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            rest.removeFirst(size)
        }
        var key: [UInt8] = [0, 0, 0, 0]
        if sender == .client {
            key = Array(rest.prefix(4))
            rest.removeFirst(4)
        }
        let payload = rest.prefix(length).enumerated().map { $1 ^ key[$0 % 4] }
        rest.removeFirst(length)
        let prefix = first & 0x70 == 0 ? "" : "RSV\(first >> 4 & 7) "
        frames.append(
            prefix
                + FrameDescription(opcode: Opcode(rawValue: first), fin: first & 0x80 != 0, payload: payload.span)
                .description)
    }
    precondition(rest.isEmpty, "half a frame was written")
    return frames
}

extension Timestamp {
    static func seconds(_ seconds: Double) -> Self { Self(nanoseconds: Int64((seconds * 1e9).rounded())) }
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
