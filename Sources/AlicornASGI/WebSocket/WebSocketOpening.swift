// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// A right opening handshake that waits for the application to accept, refuse or deny it (A-WE-01, A-EX-01). Confined to
/// the connection's loop.
///
/// ```
///             accept
/// waiting ─────────────▶ accepted     the connection is a WebSocketDriver's
///    │ │      refuse
///    │ └───────────────▶ over         403
///    │        start             last body
///    └────────────────▶ denying ──────────▶ over
/// (and from each to over when the client goes, or the application's time is up)
/// ```
package final class WebSocketOpening: HTTPExchangeObserver, RunningApplication {
    private enum State {
        case waiting, accepted, denying, over
    }

    package let scope: RequestScope
    /// What carries the connection.
    package let transport: any ConnectionTransport
    /// What drives it until the handshake is over: an idle connection is not to hold more than it needs.
    private var driver: HTTPServerDriver?
    private let server: ASGILoop
    private var acceptance: HandshakeAcceptance?
    private var state = State.waiting
    private var denial: Denial?
    private let began: Timestamp
    package var runningIndex = -1
    /// The task of an application in Swift.
    package var task: Task<Void, any Error>?
    private var whenOver: (() -> Void)?
    private var whenWritable: (() -> Void)?

    init(_ scope: RequestScope, _ acceptance: HandshakeAcceptance, driver: HTTPServerDriver, server: ASGILoop) {
        self.scope = scope
        self.acceptance = acceptance
        self.driver = driver
        self.server = server
        transport = driver.transport
        began = server.moment
    }

    /// A response in the place of the connection, on the heap: most handshakes have none.
    private final class Denial {
        var response: ResponseWriter

        init(_ driver: HTTPServerDriver, _ server: ASGILoop) { response = ResponseWriter(driver, server, .denial) }
    }

    /// The loop that everything here is to be called on.
    package var loop: ConnectionLoop { transport.loop }
    /// What the client offers, in its order (A-WS-07); nothing once the handshake is over.
    package var offeredSubprotocols: [String] { acceptance?.offeredSubprotocols ?? [] }
    /// What compresses the connection's messages; to be asked for while it is being accepted.
    package var transform: (any MessageTransform)? { acceptance?.acceptedExtension?.transform }
    /// The log of the server.
    package var log: any ServerLog { server.log }

    // MARK: - Accepting

    /// Completes the handshake (A-WE-02).
    ///
    /// Fields that are the handshake's own are left out with a WARNING: in the application's hands they become duplicates,
    /// which clients refuse (P-11).
    ///
    /// - Parameter makeDriver: makes the connection's driver from the response that was sent.
    /// - Throws: ``ASGIMisuse``, also for a subprotocol that was not offered; the handshake goes on waiting then.
    package func accept(
        subprotocol: String?, fields: [HeaderField], makeDriver: (ResponseHead) -> WebSocketDriver
    ) throws(ASGIMisuse) {
        guard state == .waiting, let driver, let acceptance else { throw misuse("websocket.accept") }
        if let subprotocol, !offeredSubprotocols.contains(subprotocol) { throw .unofferedSubprotocol(subprotocol) }
        let response: ResponseHead
        do throws(HandshakeMisuse) {
            response = try acceptance.response(choosing: subprotocol, adding: free(fields))
        } catch { throw .handshake(error) }
        state = .accepted
        driver.upgrade(response, leading: server.defaultFields(besides: response.fields)) {
            transport.remoteEndpoint = scope.client
            logAccess(.handshake(status: 101), response.fields)
            let driver = makeDriver(response)
            server.didOpen(driver, scope, at: began)
            return driver
        }
        self.driver = nil
        self.acceptance = nil
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
        if state == .waiting, let driver {
            state = .denying
            denial = Denial(driver, server)
        }
        guard state == .denying, let denial else { throw misuse("websocket.http.response.start") }
        try denial.response.start(status, fields, announcesTrailers: false)
    }

    /// Goes on with it.
    package func deny(_ bytes: Span<UInt8>, hasMore: Bool) throws(ASGIMisuse) {
        guard state == .denying, let denial else { throw misuse("websocket.http.response.body") }
        if denial.response.isUnsent { driver?.closeAfterResponse() }
        let piece = try denial.response.body(bytes, hasMore: hasMore)
        if piece.isFirst {
            let head = denial.response.head
            logAccess(.handshake(status: head.status), head.fields)
            server.events?.didRefuseHandshake(cause: .application)
        }
        guard piece.isLast else { return }
        try denial.response.finish()
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
    package func whenOver(_ body: (() -> Void)?) { whenOver = body }

    /// Has whoever waits look again: its task was cancelled, or the connection is accepted.
    package func stopWaiting() {
        whenOver.take()?()
        whenWritable.take()?()
    }

    /// Whether more of a denial is worth sending now.
    package var isWritable: Bool { driver?.hasRoom ?? true }

    /// Has `body` called once, when there is room again or it is over.
    package func whenWritable(_ body: (() -> Void)?) { whenWritable = body }

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
        case .denying where denial?.response.isUnsent == false: driver?.breakResponse()
        case .waiting, .denying: give(server.plainAnswer(500), because: .applicationFailed)
        case .accepted, .over: break
        }
    }

    private func give(_ answer: FinalAnswer, because cause: RefusalCause) {
        logAccess(.handshake(status: answer.head.status), answer.head.fields)
        server.events?.didRefuseHandshake(cause: cause)
        driver?.give(answer)
        end()
    }

    private func end() {
        guard state != .over else { return }
        state = .over
        driver = nil
        whenOver.take()?()
        whenWritable.take()?()
    }

    private func logAccess(_ event: AccessRecord.Event, _ fields: HeaderFields) {
        server.logConnection(event, scope, since: began, responseFields: fields)
    }

    // MARK: - From the connection

    package func receive(_ piece: Span<UInt8>) {}
    package func receivedBody(trailers: HeaderFields) {}
    /// A client that has ended its side cannot be sent a WebSocket's close frames' answers: it is gone.
    package func clientEnded() { driver?.abort() }
    package func mayResumeSending() { whenWritable.take()?() }
    package func closed() { if state != .accepted { end() } }
}
