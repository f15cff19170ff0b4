// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// What an application gets of a request after its scope.
package enum HTTPRequestEvent: Sendable, Hashable {
    /// What has come of the body since the last one (A-HE-01).
    case request(body: [UInt8], hasMore: Bool)
    /// The client is gone, or has its whole response (A-HE-02).
    case disconnect
}

/// One request and its response, as an application of any kind deals with them. Confined to the connection's loop.
package final class HTTPExchange: HTTPExchangeObserver, RunningApplication {
    package let scope: RequestScope
    private let driver: HTTPServerDriver
    private let server: ASGILoop
    @exclusivity(unchecked) private var response: ResponseWriter
    /// What has come of the body and was not asked for.
    @exclusivity(unchecked) private var body: [UInt8] = []
    /// Whether the request has come as a whole.
    package private(set) var hasWholeBody: Bool
    private var hasDeliveredBody = false
    /// Whether the client has ended its side.
    private var hasClientEnded = false
    /// Whether nothing can be sent any more.
    private var isClosed = false
    /// Whether the answer was counted.
    private var hasCounted = false
    private let began: Timestamp
    @exclusivity(unchecked) package var runningIndex = -1
    /// The task of an application in Swift, while it runs.
    @exclusivity(unchecked) private var task: Task<Void, Never>?
    /// Whether that is cancelled, or to be when it begins.
    private var isCancelled = false
    @exclusivity(unchecked) private var whenReadable: (() -> Void)?
    @exclusivity(unchecked) private var whenWritable: (() -> Void)?

    /// Bytes of a body that are kept; then the client has to wait (U-H-18).
    private static let highWaterMark = 64 * 1024

    init(_ scope: RequestScope, hasBody: Bool, driver: HTTPServerDriver, server: ASGILoop) {
        self.scope = scope
        self.driver = driver
        self.server = server
        hasWholeBody = !hasBody
        began = server.measuresTime ? server.moment : Timestamp(nanoseconds: 0)
        response = ResponseWriter(.http)
        server.events?.didBeginRequest()
    }

    /// The loop that everything here is to be called on.
    package var loop: ConnectionLoop { driver.loop }
    /// Whether the caller is on that loop.
    package var isOnLoop: Bool { driver.isOnLoop }
    /// What carries the connection.
    package var transport: any ConnectionTransport { driver.transport }

    /// What an application's host keeps for the connection, from one request to the next.
    package var connectionStorage: AnyObject? {
        get { driver.hostStorage }
        set { driver.hostStorage = newValue }
    }

    // MARK: - Receiving

    /// The next event; `nil` when it has to be waited for.
    package func next() -> HTTPRequestEvent? {
        guard !isClosed, !response.hasEnded else { return .disconnect }
        if !hasDeliveredBody {
            if !hasWholeBody, body.isEmpty { driver.sendContinue() }
            if hasWholeBody || !body.isEmpty { return takeBody() }
        }
        return hasClientEnded ? .disconnect : nil
    }

    private func takeBody() -> HTTPRequestEvent {
        var taken: [UInt8] = []
        swap(&taken, &body)
        hasDeliveredBody = hasWholeBody
        if !hasWholeBody { driver.resumeBody() }
        return .request(body: taken, hasMore: !hasDeliveredBody)
    }

    /// Has `body` called once, when ``next()`` has something.
    package func whenReadable(_ body: (() -> Void)?) { whenReadable = body }

    private func becomeReadable() { whenReadable.take()?() }

    package func receive(_ piece: Span<UInt8>) {
        body.append(copying: piece)
        if body.count > Self.highWaterMark { driver.pauseBody() }
        becomeReadable()
    }

    package func receivedBody(trailers: HeaderFields) {
        hasWholeBody = true
        becomeReadable()
    }

    package func clientEnded() {
        hasClientEnded = true
        becomeReadable()
    }

    // MARK: - Sending

    /// Whether more is worth sending now.
    package var isWritable: Bool { isClosed || response.hasEnded || driver.hasRoom }

    /// Has `body` called once, when there is room again or the connection is gone.
    package func whenWritable(_ body: (() -> Void)?) { whenWritable = body }

    package func mayResumeSending() { whenWritable.take()?() }

    /// Sends the head of the response (A-HE-03), which goes out with the first piece of its body.
    package func start(
        status: Int, fields: consuming HeaderFields, announcesTrailers: Bool = false
    ) throws(ASGIMisuse) {
        try response.start(status, fields, announcesTrailers: announcesTrailers)
    }

    /// Sends a piece of the body (A-HE-04).
    ///
    /// - Throws: ``ASGIMisuse``.
    package func send(
        _ bytes: Span<UInt8>, hasMore: Bool, from source: BodySource = .application,
        owner: () -> (any SharedBytes)? = { nil }
    ) throws(ASGIMisuse) {
        let piece = try response.body(
            bytes, hasMore: hasMore, from: source, on: driver, defaultFields: { server.defaultFields(besides: $0) },
            owner: owner)
        if piece.isFirst, !server.logsAccessAtEnd { logAccess() }
        if piece.isLast { try end() }
    }

    /// Makes one file the body, instead of all other pieces (A-EX-04): those of ``BodySource/path`` follow, from the caller
    /// alone. A response that does not get them all is cut off.
    package func beginFile() throws(ASGIMisuse) { try response.file() }

    /// Whether the client gets no body, whatever is sent: what it would be need not be read (RFC 9110 §9.3.2, §15.3.5).
    package var dropsBody: Bool { scope.method == "HEAD" || [204, 304].contains(response.head.status) }

    /// Has what was sent go out now, and not at the end of the turn: for an application that may compute before that.
    package func flush() { driver.flush() }

    /// Has what is sent wait for ``releaseOutput()`` or ``flush()``, one of which has to follow in the same turn.
    package func holdOutput() { driver.holdOutput() }

    /// Has it go out, with the answer to the client's next request if that has come: others may be answered in this turn that
    /// it need not wait for.
    package func releaseOutput() { driver.releaseOutput() }

    /// Takes what the application has for tests to see: it goes to the log at most (A-EX-07).
    package func debug(_ information: () -> String) throws(ASGIMisuse) {
        try response.debug()
        server.log.write(.debug, lazily: { "http.response.debug: \(information())" })
    }

    /// The log of the server.
    package var log: any ServerLog { server.log }

    /// Sends trailers (A-HE-05), to a client that takes them.
    package func send(trailers: HeaderFields, haveMore: Bool) throws(ASGIMisuse) {
        if try response.trailers(trailers, haveMore: haveMore, to: scope.head) { try end() }
    }

    /// Sends 103 with these links (A-EX-05).
    package func send(earlyHint links: [String]) throws(ASGIMisuse) {
        try response.earlyHint(links, on: driver)
    }

    /// What is wrong with an event that no response has, or that is not due.
    package func misuse(_ event: String) -> ASGIMisuse {
        response.isDue
            ? .unexpected(event, expected: ["http.response.start"])
            : response.hasEnded ? .afterResponse(event) : .unexpected(event, expected: ["http.response.body"])
    }

    /// Has whoever waits look again: its task was cancelled.
    package func stopWaiting() {
        becomeReadable()
        mayResumeSending()
    }

    /// Whether the client is gone: what is sent then is nobody's.
    package var isDisconnected: Bool { isClosed }

    /// Whether the client went, or ended its side, before it had its whole response.
    package var isAbandoned: Bool { !response.hasEnded && (isClosed || hasClientEnded) }

    // MARK: - The end

    /// Keeps the task to be cancelled, unless the application is done.
    package func runs(in task: Task<Void, Never>) {
        guard runningIndex >= 0 else { return }
        self.task = task
        if isCancelled { task.cancel() }
    }

    package func cancel() {
        isCancelled = true
        task?.cancel()
    }

    /// The application has returned.
    package func applicationReturned() {
        server.end(self)
        task = nil
        guard !isClosed else { return }
        if response.isDue {
            server.log.write(.error, "ASGI callable returned without starting response.")
            answerFailure()
        } else if !response.hasEnded {
            server.log.write(.error, "ASGI callable returned without completing response.")
            driver.breakResponse()
        }
    }

    /// The application has failed.
    ///
    /// - Parameter report: what the log says of it behind `Exception in ASGI application`; `nil` for nothing, as it is only
    ///   that the client was gone.
    package func applicationFailed(_ report: String?) {
        server.end(self)
        task = nil
        if let report { server.log.write(.error, "Exception in ASGI application: \(report)") }
        guard !isClosed, !response.hasEnded else { return }
        if response.isUnsent { answerFailure() } else { driver.breakResponse() }
    }

    private func answerFailure() {
        let answer = server.plainAnswer(500)
        logAccess(answer.head)
        hasCounted = true
        server.didAnswer(scope, status: answer.head.status, bytes: answer.body.count, since: began)
        driver.give(answer)
    }

    private func logAccess(_ head: ResponseHead? = nil) {
        guard server.writesAccess else { return }
        let head = head ?? response.head
        server.log.write(
            access: AccessRecord(
                .request(status: head.status), client: scope.clientText, head: scope.head, path: scope.path,
                duration: server.measuresTime ? began.duration(to: server.moment) : nil,
                bytesSent: server.logsAccessAtEnd ? response.bodyBytes : nil, responseFields: head.fields))
    }

    /// The response is complete. It is told of before it ends, as the next one may begin with that (U-H-17).
    private func end() throws(ASGIMisuse) {
        if server.logsAccessAtEnd { logAccess() }
        hasCounted = true
        server.didAnswer(scope, status: response.head.status, bytes: response.bodyBytes, since: began)
        try response.finish(on: driver)
        becomeReadable()
        mayResumeSending()
    }

    package func closed() {
        isClosed = true
        body = []
        if !hasCounted { server.events?.didAbandonRequest() }
        becomeReadable()
        mayResumeSending()
    }
}
