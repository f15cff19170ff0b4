// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// A right opening handshake that waits for the application to accept, refuse or deny it (A-WE-01, A-EX-01). Confined to
/// the connection's loop.
///
/// ```
///             accept
/// waiting ─────────────▶ accepted     the connection is its driver's
///    │ │      refuse
///    │ └───────────────▶ over         403
///    │        start             last body
///    └────────────────▶ denying ──────────▶ over
/// (and from each to over when the client goes, or the application's time is up)
/// ```
package final class WebSocketOpening: HTTPExchangeObserver, RunningApplication, ConnectionOwner {
    private enum State {
        case waiting, accepted, denying, over
    }

    package let scope: RequestScope
    private let server: ASGILoop
    /// `nil` once it is over: an open connection is not to hold more than it needs.
    private var handshake: Handshake?
    private var state = State.waiting
    private let began: Timestamp
    package var runningIndex = -1
    /// The task of an application in Swift, while it runs.
    private var task: Task<Void, Never>?

    init(_ scope: RequestScope, _ acceptance: HandshakeAcceptance, driver: HTTPServerDriver, server: ASGILoop) {
        self.scope = scope
        self.server = server
        handshake = Handshake(acceptance, driver)
        began = server.moment
    }

    /// What is needed until the handshake is over.
    private final class Handshake {
        let driver: HTTPServerDriver
        let acceptance: HandshakeAcceptance
        /// A response in the place of the connection.
        var denial: ResponseWriter?
        var whenOver: (() -> Void)?
        var whenWritable: (() -> Void)?

        init(_ acceptance: HandshakeAcceptance, _ driver: HTTPServerDriver) {
            self.acceptance = acceptance
            self.driver = driver
        }

        /// Has whoever waits look again.
        func stopWaiting() {
            whenOver.take()?()
            whenWritable.take()?()
        }
    }

    /// The loop that everything here is to be called on.
    package var loop: ConnectionLoop { server.loop }
    /// What carries the connection, until the handshake is over.
    package var transport: (any ConnectionTransport)? { handshake?.driver.transport }
    /// What the client offers, in its order (A-WS-07); nothing once the handshake is over.
    package var offeredSubprotocols: [String] { handshake?.acceptance.offeredSubprotocols ?? [] }
    /// The log of the server.
    package var log: any ServerLog { server.log }

    // MARK: - Accepting

    /// Completes the handshake (A-WE-02).
    ///
    /// Fields that are the handshake's own are left out with a WARNING: in the application's hands they become duplicates,
    /// which clients refuse (P-11).
    ///
    /// - Parameter makeDriver: makes the connection's driver.
    /// - Throws: ``ASGIMisuse``, also for a subprotocol that was not offered; the handshake goes on waiting then.
    package func accept(
        subprotocol: String?, fields: [HeaderField], makeDriver: (AcceptedHandshake) -> any AcceptedConnection
    ) throws(ASGIMisuse) {
        guard state == .waiting, let handshake else { throw misuse("websocket.accept") }
        if let subprotocol, !offeredSubprotocols.contains(subprotocol) { throw .unofferedSubprotocol(subprotocol) }
        let response: ResponseHead
        do throws(HandshakeMisuse) {
            response = try handshake.acceptance.response(choosing: subprotocol, adding: free(fields))
        } catch { throw .handshake(error) }
        state = .accepted
        self.handshake = nil
        handshake.driver.upgrade(response, leading: server.defaultFields(besides: response.fields)) {
            let transport = handshake.driver.transport
            transport.remoteEndpoint = scope.client
            logAccess(.handshake(status: 101), response.fields)
            let request = scope.head
            let heads = OpeningHeads(request: request, response: response)
            scope.share(heads)
            let driver = makeDriver(
                AcceptedHandshake(
                    transport: transport, request: request, heads: heads,
                    transform: handshake.acceptance.acceptedExtension?.transform))
            driver.owner = self
            server.didOpen(driver)
            return driver
        }
        handshake.stopWaiting()
    }

    private func free(_ fields: [HeaderField]) -> [HeaderField] {
        fields.filter { field in
            let isFree = HandshakeAcceptance.isFree(field.name)
            if !isFree {
                server.log.write(
                    .warning,
                    "The application passes the header \(Excerpt(field.name)) to websocket.accept; it is left out, as the "
                        + "handshake sends its own. Pass a subprotocol by its key.")
            }
            return isFree
        }
    }

    // MARK: - Refusing

    /// Answers with 403 (A-WE-06, U-WS-21).
    package func refuse() throws(ASGIMisuse) {
        guard state == .waiting else { throw misuse("websocket.close") }
        give(server.plainAnswer(403, ""), because: .application)
    }

    /// Begins an answer of the application's own (A-EX-01).
    package func deny(status: Int, fields: consuming HeaderFields) throws(ASGIMisuse) {
        if state == .waiting, let handshake {
            state = .denying
            handshake.denial = ResponseWriter(.denial)
        }
        guard state == .denying, let handshake else { throw misuse("websocket.http.response.start") }
        try handshake.denial?.start(status, fields, announcesTrailers: false)
    }

    /// Goes on with it.
    package func deny(_ bytes: Span<UInt8>, hasMore: Bool) throws(ASGIMisuse) {
        guard state == .denying, let handshake else { throw misuse("websocket.http.response.body") }
        if handshake.denial?.isUnsent == true { handshake.driver.closeAfterResponse() }
        let piece = try handshake.denial?.body(
            bytes, hasMore: hasMore, on: handshake.driver, defaultFields: { server.defaultFields(besides: $0) })
        guard let piece else { return }
        if piece.isFirst, let head = handshake.denial?.head {
            logAccess(.handshake(status: head.status), head.fields)
            server.events?.didRefuseHandshake(cause: .application)
        }
        guard piece.isLast else { return }
        try handshake.denial?.finish(on: handshake.driver)
        end()
    }

    /// What is wrong with an event that is sent before the handshake is over, or after it was refused.
    package func misuse(_ event: String) -> ASGIMisuse {
        switch state {
        case .waiting:
            .unexpected(event, expected: ["websocket.accept", "websocket.close", "websocket.http.response.start"])
        case .denying: .unexpected(event, expected: ["websocket.http.response.body"])
        case .accepted, .over: .afterClose(event)
        }
    }

    // MARK: - The end

    /// Whether nothing more comes of it: it was refused, or the client is gone.
    package var isOver: Bool { state == .over }

    /// Has `body` called once, when it is over.
    package func whenOver(_ body: (() -> Void)?) { handshake?.whenOver = body }

    /// Has whoever waits look again: its task was cancelled.
    package func stopWaiting() { handshake?.stopWaiting() }

    /// Whether more of a denial is worth sending now.
    package var isWritable: Bool { handshake?.driver.hasRoom ?? true }

    /// Has `body` called once, when there is room again or it is over.
    package func whenWritable(_ body: (() -> Void)?) { handshake?.whenWritable = body }

    /// Keeps the task to be cancelled, unless the application is done.
    package func runs(in task: Task<Void, Never>) { if runningIndex >= 0 { self.task = task } }

    package func cancel() { task?.cancel() }

    /// The application has returned; what becomes of a connection that it has accepted is its host's to decide.
    package func applicationReturned() {
        server.end(self)
        task = nil
        switch state {
        case .waiting: server.log.write(.error, "ASGI callable returned without completing handshake.")
        case .denying: server.log.write(.error, "ASGI callable returned without completing response.")
        case .accepted, .over: break
        }
        answerFailure()
    }

    /// The application has failed; as above.
    ///
    /// - Parameter report: as for an ``HTTPExchange``.
    package func applicationFailed(_ report: String?) {
        server.end(self)
        task = nil
        if let report { server.log.write(.error, "Exception in ASGI application: \(report)") }
        answerFailure()
    }

    /// The server stops: there will be no connection (U-WS-53).
    func leave() {
        if state == .waiting { give(server.plainAnswer(500), because: .shuttingDown) }
    }

    /// What becomes of a handshake, or of a response in its place, that the application has left unfinished.
    private func answerFailure() {
        switch state {
        case .denying where handshake?.denial?.isUnsent == false: handshake?.driver.breakResponse()
        case .waiting, .denying: give(server.plainAnswer(500), because: .applicationFailed)
        case .accepted, .over: break
        }
    }

    private func give(_ answer: FinalAnswer, because cause: RefusalCause) {
        logAccess(.handshake(status: answer.head.status), answer.head.fields)
        server.events?.didRefuseHandshake(cause: cause)
        handshake?.driver.give(answer)
        end()
    }

    private func end() {
        guard state != .over else { return }
        state = .over
        handshake.take()?.stopWaiting()
    }

    private func logAccess(_ event: AccessRecord.Event, _ fields: HeaderFields = HeaderFields()) {
        server.logConnection(event, scope, since: began, responseFields: fields)
    }

    // MARK: - From the connection

    package func receive(_ piece: Span<UInt8>) {}
    package func receivedBody(trailers: HeaderFields) {}
    /// A client that has ended its side cannot be sent a WebSocket's close frames' answers: it is gone.
    package func clientEnded() { handshake?.driver.abort() }
    package func mayResumeSending() { handshake?.whenWritable.take()?() }
    package func closed() { if state != .accepted { end() } }

    /// The connection that came of it is gone.
    package func connectionEnded(_ connection: EndedConnection) {
        let end = WebSocketDisconnect(connection.closure)
        logAccess(
            .end(
                code: end.code, reason: end.reason, messagesReceived: Int(connection.messagesReceived),
                messagesSent: Int(connection.messagesSent)))
        server.didClose(connection.transport)
    }
}

/// What an accepted handshake gives to the connection that comes of it.
package struct AcceptedHandshake {
    package let transport: any ConnectionTransport
    package let request: RequestHead
    /// What the connection keeps of the request and the response.
    package let heads: OpeningHeads
    /// What compresses the connection's messages.
    package let transform: (any MessageTransform)?
}
