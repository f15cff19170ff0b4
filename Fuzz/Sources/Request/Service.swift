// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

/// A server of one connection that answers every request, in a way that the input's options decide.
struct Service: ~Copyable {
    /// What came of all the bytes.
    struct Outcome: Equatable {
        var events: [Event] = []
        var output: [UInt8] = []
        /// Where the bytes of the new protocol begin, after an upgrade.
        var upgradedAt: Int?
    }

    enum Event: Equatable {
        case request(method: String, target: String, minor: Int, fields: [HeaderField], body: BodyKind)
        case body([UInt8])
        case end([HeaderField])
        case failure(HTTPViolation)
    }

    /// When and how a request is answered.
    private enum Manner: UInt8 {
        case wholeAtEnd, wholeAtHead, streamedAtEnd, streamedFromHead, afterContinue, upgrade, lastAtHead, emptyAtEnd
    }

    private var connection: HTTP1ServerConnection
    private var outcome = Outcome()
    private var head: RequestHead?
    private let limits: HTTPLimits
    private let manner: Manner
    private let handshake: ServerHandshake

    static func outcome(of input: FuzzInput, cut: Cut) -> Outcome {
        var service = Self(input.options)
        return service.serve(input.payload, cut: cut)
    }

    private init(_ options: (UInt8, UInt8)) {
        var limits = HTTPLimits()
        if options.1 & 1 != 0 {
            limits.startLine = 64
            limits.fieldLine = 64
            limits.head = 256
            limits.fields = 8
        }
        if options.1 & 2 != 0 {
            limits.requestBody = 100
            limits.chunkOverhead = 64
            limits.unreadBody = 32
        }
        self.limits = limits
        connection = HTTP1ServerConnection(limits: limits)
        manner = Manner(rawValue: options.0 & 7) ?? .wholeAtEnd
        do {
            handshake = try ServerHandshake(
                subprotocols: options.1 & 4 == 0
                    ? nil : Subprotocols(["chat", "superchat"], policy: .requiredWhenOffered),
                origins: options.1 & 8 == 0
                    ? nil
                    : Origins(
                        [OriginPattern("https://*.example.com"), OriginPattern("http://localhost:*"), .absent],
                        check: .always),
                extensions: options.1 & 16 == 0 ? [] : [ServerPerMessageDeflate()],
                allowedHosts: options.1 & 32 == 0 ? nil : [HostPattern("server.example.com"), HostPattern("[::1]")],
                serverHeader: "fuzz")
        } catch { fatalError("\(error)") }
    }

    private mutating func serve(_ bytes: [UInt8], cut: Cut) -> Outcome {
        var consumed = 0
        for piece in cut.pieces(of: bytes.count) {
            // Its own array, so that the address sanitizer sees a read beyond it; with what was not taken before.
            let arrived = Array(bytes[consumed..<piece.upperBound])
            consumed += take(arrived)
            if outcome.upgradedAt == nil, connection.wantsInput {
                check(consumed == piece.upperBound, "who wants input has taken all of it")
            }
        }
        if outcome.upgradedAt != nil { outcome.upgradedAt = consumed }
        if let violation = connection.receiveEOF() { fail(violation) }
        check(connection.next(in: [UInt8]().span, from: &zero) == nil, "nothing comes behind the end of the input")
        check(!connection.wantsInput || connection.isClosed, "no input is wanted behind the end of it")
        return outcome
    }

    private var zero = 0

    /// - Returns: how many bytes were taken.
    private mutating func take(_ bytes: [UInt8]) -> Int {
        var position = 0
        var events = 0
        while let event = connection.next(in: bytes.span, from: &position) {
            check(position <= bytes.count, "no more is taken than there is")
            events += 1
            check(events <= 2 * bytes.count + 2, "events come of bytes")
            handle(event, bytes)
        }
        return position
    }

    private mutating func handle(_ event: HTTP1ServerConnection.Event, _ bytes: [UInt8]) {
        switch event {
        case .request(let head, let body, _):
            check(head.fields.count <= limits.fields, "there are no more fields than the limit")
            checkRoundTrip(head)
            outcome.events.append(
                .request(
                    method: head.method, target: head.target, minor: head.version.minor, fields: list(head.fields),
                    body: body))
            self.head = head
            answerAtHead(head, body)
        case .body(let range):
            check(!range.isEmpty, "a piece of a body has bytes")
            if case .body(let before) = outcome.events.last {
                outcome.events[outcome.events.count - 1] = .body(before + bytes[range])
            } else {
                outcome.events.append(.body(Array(bytes[range])))
            }
        case .end(let trailers):
            outcome.events.append(.end(list(trailers)))
            answerAtEnd()
        case .failure(let violation):
            fail(violation)
        }
    }

    private mutating func fail(_ violation: HTTPViolation) {
        outcome.events.append(.failure(violation))
        check(!violation.description.isEmpty, "a violation has a sentence")
        check((400...599).contains(violation.status), "a violation has an error's status")
        connection.sendFailureResponse(for: violation, into: &outcome.output)
        check(connection.isClosed, "behind a violation nothing comes")
    }

    private mutating func answerAtHead(_ head: RequestHead, _ body: BodyKind) {
        switch manner {
        case .wholeAtHead: answer(with: .length(3))
        case .lastAtHead:
            connection.closeAfterResponse()
            answer(with: .length(3))
        case .streamedFromHead: begin(.streamed)
        case .afterContinue: connection.sendContinue(into: &outcome.output)
        case .upgrade: decide(head, body)
        case .wholeAtEnd, .streamedAtEnd, .emptyAtEnd: break
        }
    }

    private mutating func answerAtEnd() {
        switch manner {
        case .wholeAtEnd, .afterContinue: answer(with: .length(3))
        case .streamedAtEnd: answer(with: .streamed)
        case .streamedFromHead: finish()
        case .emptyAtEnd: answer(with: .empty)
        case .upgrade, .wholeAtHead, .lastAtHead: break
        }
    }

    private mutating func decide(_ head: RequestHead, _ body: BodyKind) {
        switch handshake.evaluate(head, announcesBody: body != .none) {
        case .accepted(let acceptance):
            check(connection.canUpgrade, "a handshake that was accepted can be completed")
            do {
                try connection.sendUpgradeResponse(acceptance.response(), into: &outcome.output)
            } catch { fatalError("\(error)") }
            outcome.upgradedAt = 0
            check(!connection.wantsInput, "behind an upgrade the bytes belong to the new protocol")
        case .refused(let refusal), .notAnUpgrade(let refusal):
            check(!refusal.failure.description.isEmpty, "a refusal has a sentence")
            do {
                _ = try connection.send(refusal.response, wholeBody: refusal.body, into: &outcome.output)
            } catch .tunnel {
                // A refusal is never 2xx.
                fatalError("a refusal opened a tunnel")
            } catch { fatalError("\(error)") }
        }
    }

    private mutating func answer(with body: ResponseBody) {
        begin(body)
        finish()
    }

    private var isStreaming = false

    private mutating func begin(_ body: ResponseBody) {
        // 2xx to CONNECT is a tunnel, which this server does not offer.
        let status = head?.method == "CONNECT" ? 501 : 200
        do {
            try connection.send(ResponseHead(status: status), body: body, into: &outcome.output)
            if body != .empty { try connection.sendBody(Array("abc".utf8).span, into: &outcome.output) }
        } catch { fatalError("\(error)") }
    }

    private mutating func finish() {
        do {
            let persistence = try connection.endResponse(into: &outcome.output)
            check((persistence == .close) == connection.isClosed, "a connection that persists is open")
        } catch { fatalError("\(error)") }
    }
}

private func list(_ fields: HeaderFields) -> [HeaderField] { (0..<fields.count).map { fields[$0] } }

/// What was parsed can be sent, and is parsed the same again.
private func checkRoundTrip(_ head: RequestHead) {
    var bytes: [UInt8] = []
    do {
        try HTTP1Serializer.append(head, to: &bytes)
    } catch {
        // Bytes beyond ASCII are let through in a target, but never sent.
        check(head.target.unicodeScalars.contains { $0.value > 0x7E }, "what was parsed can be sent")
        return
    }
    var limits = HTTPLimits()
    limits.startLine = .max / 2
    limits.head = .max / 2
    limits.fieldLine = .max / 2
    var connection = HTTP1ServerConnection(limits: limits)
    var position = 0
    guard case .request(let again, _, _) = connection.next(in: bytes.span, from: &position) else {
        fatalError("broken: what was sent is parsed")
    }
    check(position == bytes.count, "a head ends where it was ended")
    check(
        again.method == head.method && again.target == head.target && again.version == head.version
            && list(again.fields) == list(head.fields), "what is parsed again is the same")
}
