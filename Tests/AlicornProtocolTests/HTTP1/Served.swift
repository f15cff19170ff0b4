// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

@testable import AlicornProtocol

/// A connection with its input and output, as a class that `#expect` can hold.
final class Served {
    private var connection: HTTP1ServerConnection
    /// The events, as text.
    private(set) var events: [String] = []
    /// What was not taken of the input.
    private(set) var rest: [UInt8] = []
    /// What was sent and not looked at.
    private var output: [UInt8] = []

    init(_ input: String = "", limits: HTTPLimits = HTTPLimits()) {
        connection = HTTP1ServerConnection(limits: limits)
        receive(bytes(input))
    }

    /// Receives input until it gives no event.
    func receive(_ more: [UInt8], upTo events: Int = .max) {
        var position = 0
        let input = rest + more
        var count = 0
        while count < events, let event = connection.next(in: input.span, from: &position) {
            self.events.append(describe(event, in: input.span))
            count += 1
        }
        rest = Array(input[position...])
    }

    /// What was sent since the last call.
    func takeOutput() -> String {
        defer { output = [] }
        return text(output)
    }

    func takeEvents() -> [String] {
        defer { events = [] }
        return events
    }

    var wantsInput: Bool { connection.wantsInput }
    var isIdle: Bool { connection.isIdle }
    var isClosed: Bool { connection.isClosed }
    var leavesInputUnread: Bool { connection.leavesInputUnread }
    var canUpgrade: Bool { connection.canUpgrade }
    func receiveEOF() -> HTTPViolation? { connection.receiveEOF() }
    func fail(_ violation: HTTPViolation) { connection.fail(violation) }
    var violation: HTTPViolation? { connection.violation }
    func closeAfterResponse() { connection.closeAfterResponse() }
    func closeAfterNextResponse() { connection.closeAfterNextResponse() }
    func send(_ head: ResponseHead, body: ResponseBody) throws { try connection.send(head, body: body, into: &output) }
    func sendBody(_ piece: String) throws { try connection.sendBody(bytes(piece).span, into: &output) }
    func announcePiece(of count: Int) throws -> HTTP1ServerConnection.PieceAction {
        try connection.announcePiece(of: count, into: &output)
    }
    func endResponse(trailers: HeaderFields = HeaderFields()) throws -> HTTP1ServerConnection.Persistence {
        try connection.endResponse(trailers: trailers, into: &output)
    }
    func send(_ head: ResponseHead, wholeBody body: String) throws -> HTTP1ServerConnection.Persistence {
        try connection.send(head, wholeBody: bytes(body), into: &output)
    }
    func sendFailureResponse(for violation: HTTPViolation, date: String? = nil) {
        connection.sendFailureResponse(for: violation, date: date, into: &output)
    }
    func sendContinue() { connection.sendContinue(into: &output) }
    func sendInterim(_ head: ResponseHead) throws { try connection.sendInterim(head, into: &output) }
    func sendUpgradeResponse(_ head: ResponseHead) throws { try connection.sendUpgradeResponse(head, into: &output) }
}

/// What a connection makes of its input, as text that a test can read.
func describe(_ event: HTTP1ServerConnection.Event, in input: Span<UInt8>) -> String {
    switch event {
    case .request(let head, let body, let expects):
        "\(head.method) \(head.target) 1.\(head.version.minor) \(head.fields.count) \(body)"
            + (expects ? " expects" : "")
    case .body(let range): "body " + text([UInt8](copying: input.extracting(range)))
    case .end(let trailers): "end \(trailers.count)"
    case .failure(let violation): "failure \(violation)"
    }
}
