// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver
import Synchronization

/// What the options of an input say about the connection that gets its bytes.
struct Setup: Sendable {
    let role: Role
    let isCompressing: Bool
    let configuration: ProtocolConfiguration
    /// The limit on messages, or what stands for none.
    let limit: Int
    private let serverDirection: PerMessageDeflate.Direction
    private let clientDirection: PerMessageDeflate.Direction

    init(_ options: (UInt8, UInt8)) {
        role = options.0 & 1 == 0 ? .server : .client
        isCompressing = options.0 & 2 != 0
        serverDirection = .init(
            maxWindowBits: options.0 & 4 == 0 ? 15 : 9, contextTakeover: options.0 & 8 == 0)
        clientDirection = .init(
            maxWindowBits: options.0 & 16 == 0 ? 15 : 9, contextTakeover: options.0 & 32 == 0)
        var configuration = ProtocolConfiguration()
        configuration.maximumMessageSize = [1 << 17, 100, 20_000, 0][Int(options.1 & 3)]
        if options.1 & 4 != 0 { configuration.maximumFrameSize = 64 }
        if options.1 & 8 != 0 { configuration.pingInterval = nil }
        if options.1 & 16 != 0 { configuration.pingTimeout = nil }
        if options.1 & 32 != 0 { configuration.deliveryGrace = .zero }
        if options.1 & 64 != 0 { configuration.closeTimeout = .zero }
        self.configuration = configuration
        limit = configuration.maximumMessageSize ?? .max
    }

    /// The connection that gets the bytes, or the one at its other end.
    func connection(as role: Role) -> WebSocketProtocol {
        let (sending, receiving) =
            role == .server ? (serverDirection, clientDirection) : (clientDirection, serverDirection)
        let words = Words()
        return WebSocketProtocol(
            role: role, configuration: configuration,
            transform: isCompressing ? PerMessageDeflate(sending: sending, receiving: receiving) : nil,
            now: Timestamp(nanoseconds: 0), randomWord: { words.next() })
    }
}

extension Role {
    var other: Role { self == .server ? .client : .server }
}

/// Words that differ, and are the same in every run.
private final class Words: Sendable {
    private let last = Atomic<UInt32>(0)

    func next() -> UInt32 { last.wrappingAdd(0x9E37_79B9, ordering: .relaxed).newValue }
}

/// Puts the pieces of messages together, and checks what is true of each.
struct Inbox {
    private(set) var messages: [[UInt8]] = []
    private(set) var kinds: [MessageKind] = []
    /// What of a message has come that is not complete.
    private(set) var unfinished: [UInt8]?
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func take(_ piece: MessagePiece, _ bytes: ArraySlice<UInt8>) {
        check(piece.startsMessage == (unfinished == nil), "a message begins once, and behind the end of another")
        check(piece.announced >= 0 && piece.announced <= limit, "no more is announced than the limit")
        var message = unfinished ?? []
        unfinished = nil
        message.append(contentsOf: bytes)
        check(message.count <= limit, "no more of a message is delivered than the limit")
        check(message.count + piece.announced <= limit, "no more is announced than may come")
        if piece.endsMessage {
            let isText = piece.kind == .text
            check(!isText || String(validating: message, as: UTF8.self) != nil, "a text message is UTF-8")
            messages.append(message)
            kinds.append(piece.kind)
        } else {
            check(!bytes.isEmpty, "a piece in the middle of a message has bytes")
            unfinished = message
        }
    }
}

extension WebSocketProtocol {
    /// Takes the next event; what it holds goes to the inbox.
    mutating func takeEvent(
        of bytes: inout [UInt8], from position: inout Int, into inbox: inout Inbox
    ) -> WebSocketEvent? {
        var span = bytes.mutableSpan
        let event = next(in: &span, from: &position)
        check(position <= bytes.count, "no more is taken than there is")
        check(event != nil || position == bytes.count, "who wants no more has taken all")
        if case .data(let piece) = event {
            switch piece.location {
            case .input(let range): inbox.take(piece, bytes[range])
            case .restored:
                check(restored.count <= 16 * 1024, "no more is restored at once than 16 KiB")
                inbox.take(piece, restored[...])
            }
        }
        return event
    }
}
