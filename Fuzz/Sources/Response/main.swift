// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

// A response as a client reads it: bodies by length, in chunks, and until the end; a 101 is then checked as the answer
// to a handshake. Whatever comes in: no trap, memory within the limits, the same outcome however the bytes are cut.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let outcome = read(input, cut: .none)
    for cut in input.cuts { check(read(input, cut: cut) == outcome, "the outcome does not depend on the cuts") }
}

struct Outcome: Equatable {
    var events: [Event] = []
    /// Where the bytes of the new protocol begin, after a 101.
    var switchedAt: Int?
}

enum Event: Equatable {
    case interim(status: Int, fields: [HeaderField])
    case switched(status: Int, fields: [HeaderField], verdict: String)
    case response(status: Int, fields: [HeaderField], body: [UInt8], trailers: [HeaderField], fault: HTTPViolation?)
    case failure(HTTPViolation)
}

func read(_ input: FuzzInput, cut: Cut) -> Outcome {
    var limits = HTTPLimits()
    limits.responseBody = 4096
    if input.options.1 & 1 != 0 {
        limits.startLine = 48
        limits.fieldLine = 64
        limits.head = 256
        limits.fields = 8
        limits.responseBody = 10
        limits.chunkOverhead = 64
        limits.interimResponses = 2
    }
    let method = ["GET", "GET", "HEAD", "CONNECT"][Int(input.options.0 & 3)]
    var reader = HTTP1ResponseReader(method: method, limits: limits)
    var outcome = Outcome()
    var consumed = 0
    for piece in cut.pieces(of: input.payload.count) {
        // Its own array, so that the address sanitizer sees a read beyond it; with what was not taken before.
        let arrived = Array(input.payload[consumed..<piece.upperBound])
        var position = 0
        while let event = reader.next(in: arrived.span, from: &position) {
            note(event, input, limits, &outcome)
            check(outcome.events.count <= limits.interimResponses + 1, "one final response comes, and few before it")
        }
        check(position <= arrived.count, "no more is taken than there is")
        consumed += position
    }
    if outcome.switchedAt != nil { outcome.switchedAt = consumed }
    if let event = reader.receiveEOF() { note(event, input, limits, &outcome) }
    check(reader.receiveEOF() == nil, "the end of the input is told once")
    return outcome
}

func note(_ event: HTTP1ResponseReader.Event, _ input: FuzzInput, _ limits: HTTPLimits, _ outcome: inout Outcome) {
    switch event {
    case .interim(let head):
        outcome.events.append(.interim(status: head.status, fields: list(head.fields)))
    case .switched(let head):
        outcome.switchedAt = 0
        outcome.events.append(
            .switched(status: head.status, fields: list(head.fields), verdict: verdict(on: head, input.options.1)))
    case .response(let response):
        check(response.body.count <= limits.responseBody, "no more of a body is kept than the limit")
        outcome.events.append(
            .response(
                status: response.head.status, fields: list(response.head.fields), body: response.body,
                trailers: list(response.trailers), fault: response.fault))
        // What is no 101 is a failure with the response in it.
        check(verdict(on: response.head, input.options.1).hasPrefix("-"), "only 101 accepts a handshake")
    case .failure(let violation):
        check(!violation.description.isEmpty, "a violation has a sentence")
        outcome.events.append(.failure(violation))
    }
}

/// What a client says to that answer: a failure's sentence behind "-", or what was agreed on behind "+".
func verdict(on head: ResponseHead, _ options: UInt8) -> String {
    do {
        var zeros = Zeros()
        let handshake = try ClientHandshake(
            to: WebSocketURI("ws://example.com/"),
            configuration: .init(
                subprotocols: ["chat", "superchat"],
                extensions: options & 2 == 0 ? [ClientPerMessageDeflate()] : []), using: &zeros)
        do {
            let agreement = try handshake.evaluate(head)
            return "+ \(agreement.subprotocol ?? "") \(agreement.acceptedExtension?.description.name ?? "")"
        } catch {
            check(!error.description.isEmpty, "a failure has a sentence")
            return "- \(error)"
        }
    } catch { fatalError("\(error)") }
}

/// Makes the key of the handshake `AAAAAAAAAAAAAAAAAAAAAA==`, which is answered with `ICX+Yqv66kxgM0FcWaLWlFLwTAI=`.
struct Zeros: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}

func list(_ fields: HeaderFields) -> [HeaderField] { (0..<fields.count).map { fields[$0] } }
