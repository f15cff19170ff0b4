// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol

/// Follows both directions of a connection as far as a log needs it: which bytes are a head, a body, or frames.
///
/// It trusts nothing that it sees, and decides nothing: the connection's driver does, on the same bytes.
struct WireConversation {
    private let role: Role
    private let maximumMessageSize: Int
    private var requests = Stage.head(HeadReader())
    private var responses = Stage.head(HeadReader())
    /// Whether the next answer has no body, whatever its head says.
    private var answersHEAD = false

    private enum Stage {
        case head(HeadReader)
        /// So much of a body is to come.
        case body(Int)
        /// A body whose end is not made out: all until the other direction goes on.
        case openBody
        /// Requests only: what has come behind one that is not answered yet.
        case waiting([UInt8])
        case frames(FrameReader)
        case nothing
    }

    init(role: Role, maximumMessageSize: Int) {
        self.role = role
        self.maximumMessageSize = maximumMessageSize
    }

    /// Is told what was made out, and which side it is from.
    typealias Teller = (WireEvent, Role) -> Void

    mutating func received(_ bytes: Span<UInt8>, _ tell: Teller) {
        read(bytes, from: role == .client ? .server : .client, tell)
    }
    mutating func sent(_ bytes: Span<UInt8>, _ tell: Teller) { read(bytes, from: role, tell) }

    private mutating func read(_ bytes: Span<UInt8>, from side: Role, _ tell: Teller) {
        switch side {
        case .client: readRequests(bytes, tell)
        case .server: readResponses(bytes, tell)
        }
    }

    /// What is kept of bytes behind a request that is not answered yet.
    private static let maximumWaiting = 64 * 1024

    private mutating func readRequests(_ bytes: Span<UInt8>, _ tell: Teller) {
        var rest = bytes
        while !rest.isEmpty {
            switch requests {
            case .head(var reader):
                let head = reader.read(&rest) { tell($0, .client) }
                requests = .head(reader)
                guard let head else { return }
                answersHEAD = head.isHEAD
                requests = Self.stage(afterBody: head.bodyLength, orElse: .waiting([]))
            case .waiting(var held):
                rest.withUnsafeBufferPointer { held.append(contentsOf: $0.prefix(Self.maximumWaiting - held.count)) }
                requests = .waiting(held)
                return
            case .body, .openBody, .frames, .nothing: Self.readOn(&requests, &rest, .waiting([])) { tell($0, .client) }
            }
        }
    }

    private mutating func readResponses(_ bytes: Span<UInt8>, _ tell: Teller) {
        var rest = bytes
        while !rest.isEmpty {
            guard case .head(var reader) = responses else {
                Self.readOn(&responses, &rest, .head(HeadReader())) { tell($0, .server) }
                continue
            }
            let head = reader.read(&rest) { tell($0, .server) }
            responses = .head(reader)
            guard let head else { return }
            switch head.status {
            case 101:
                tell(.opened, .server)
                open(head, tell)
            case 100..<200: responses = .head(HeadReader())
            case _ where answersHEAD, 204, 304: answered(.head(HeadReader()), tell)
            default: answered(Self.stage(afterBody: head.bodyLength, orElse: .head(HeadReader())), tell)
            }
        }
    }

    /// A request was answered: what came behind it is the next one.
    private mutating func answered(_ stage: Stage, _ tell: Teller) {
        responses = stage
        guard case .waiting(let held) = requests else { return }
        requests = .head(HeadReader())
        readRequests(held.span, tell)
    }

    /// The connection is one of frames from here on, also those that came behind the request.
    private mutating func open(_ head: HeadReader.Head, _ tell: Teller) {
        var held: [UInt8] = []
        if case .waiting(let bytes) = requests { held = bytes }
        let (fromClient, fromServer) = PerMessageDeflate.directions(agreedUpon: head.extensions)
        requests = .frames(
            FrameReader(areMasked: true, compression: fromClient, maximumMessageSize: maximumMessageSize))
        responses = .frames(
            FrameReader(areMasked: false, compression: fromServer, maximumMessageSize: maximumMessageSize))
        readRequests(held.span, tell)
    }

    private static func stage(afterBody length: Int?, orElse next: Stage) -> Stage {
        switch length {
        case nil: .openBody
        case 0: next
        case let length?: .body(length)
        }
    }

    /// What is the same for both directions.
    private static func readOn(
        _ stage: inout Stage, _ rest: inout Span<UInt8>, _ next: Stage, _ tell: (WireEvent) -> Void
    ) {
        switch stage {
        case .body(let length):
            let count = min(length, rest.count)
            tell(.text("[body] (\(count) bytes)"))
            rest = rest.extracting(droppingFirst: count)
            stage = count == length ? next : .body(length - count)
        case .openBody:
            tell(.text("[body] (\(rest.count) bytes)"))
            rest = Span()
        case .frames(var reader):
            stage = .nothing
            if reader.read(rest, tell) { stage = .frames(reader) }
            rest = Span()
        case .head, .waiting, .nothing: rest = Span()
        }
    }
}

extension PerMessageDeflate {
    /// How the messages of client and server are compressed by what a response's header says; `nil` when they are not.
    fileprivate static func directions(agreedUpon header: String) -> (client: Direction?, server: Direction?) {
        let agreed = (try? ExtensionHeader.parse(header))?.first { $0.name.lowercased() == "permessage-deflate" }
        guard let agreed else { return (nil, nil) }
        func direction(_ side: String) -> Direction {
            let bits = agreed.parameters.first { $0.name == "\(side)_max_window_bits" }?.value.flatMap { Int($0) }
            return Direction(
                maxWindowBits: bits.flatMap { WindowBits(exactly: $0) } ?? .largest,
                contextTakeover: !agreed.parameters.contains { $0.name == "\(side)_no_context_takeover" })
        }
        return (direction("client"), direction("server"))
    }
}
