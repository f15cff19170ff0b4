// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Synchronization

/// A server's part on one loop: finds out what each request is, and hands it to the application. Confined to the loop.
final class ASGILoop: RequestResponder {
    let server: ASGIServer
    let loop: ConnectionLoop
    private let configuration: ASGIConfiguration
    let log: any ServerLog
    private let host: any ApplicationLoop
    private let defaultFields: DefaultFieldsCache
    @exclusivity(unchecked) private var connections: [UInt64: Member] = [:]
    @exclusivity(unchecked) private var running: [any RunningApplication] = []
    /// Asked of the log once: it is known before there is a request.
    let writesAccess: Bool

    private enum Member {
        case proxied(ProxyHeaderDriver)
        case http(HTTPServerDriver)
        case webSocket(WebSocketDriver)
        /// A connection of another kind: in a box, so that it does not make the place of all others larger.
        indirect case accepted(any AcceptedConnection)
    }

    init(_ server: ASGIServer, on loop: ConnectionLoop) {
        self.server = server
        self.loop = loop
        configuration = server.configuration
        host = server.host.makeLoop(loop)
        log = server.log
        writesAccess = log.writesAccess
        defaultFields = DefaultFieldsCache(configuration.defaultFields)
    }

    var events: (any ServerEvents)? { server.events }
    var logsAccessAtEnd: Bool { configuration.logsAccessAtEnd }
    var measuresTime: Bool { configuration.measuresTime }
    /// When something begins or ends: read anew where somebody wants to know, as both may be in one turn of the loop.
    var moment: Timestamp { measuresTime ? loop.clock : loop.now }

    // MARK: - Connections

    /// Takes an accepted connection. One from a trusted proxy begins with the header that tells whose it is (P-33).
    func accept(_ transport: any ConnectionTransport) -> any ConnectionDriver {
        server.connectionCount.add(1, ordering: .relaxed)
        trace(transport, "HTTP connection made")
        let peer = transport.remoteEndpoint
        guard let proxies = configuration.proxyProtocol, peer.isKnown, proxies.contains(peer.hostAddress) else {
            return serve(transport, isSecure: configuration.isSecure)
        }
        let driver = ProxyHeaderDriver(transport: transport, timeout: configuration.proxyHeaderTimeout) {
            [self] transport, header in
            serve(transport, isSecure: header.isSecure ?? configuration.isSecure)
        } ended: { [self] violation, transport in
            if let violation {
                log.write(.warning, "Connection from \(transport.remoteEndpoint) refused: \(violation).")
            }
            forget(transport)
        }
        connections[transport.serial] = .proxied(driver)
        if server.isStopping { driver.leave() }
        return driver
    }

    private func serve(_ transport: any ConnectionTransport, isSecure: Bool) -> HTTPServerDriver {
        let driver = HTTPServerDriver(
            transport: transport, isSecure: isSecure, limits: configuration.limits, times: configuration.times,
            bodies: .streamed, responder: self)
        connections[transport.serial] = .http(driver)
        if server.isStopping { driver.leave() }
        return driver
    }

    func closed(_ driver: HTTPServerDriver) {
        trace(driver.transport, "HTTP connection lost")
        forget(driver.transport)
    }

    /// U-LG-22.
    private func trace(_ transport: any ConnectionTransport, _ news: StaticString) {
        log.write(.trace, lazily: { "\(transport.remoteEndpoint) - \(news)" })
    }

    private func forget(_ transport: any ConnectionTransport) {
        guard connections.removeValue(forKey: transport.serial) != nil else { return }
        server.limiter?.release(transport)
        server.connectionCount.subtract(1, ordering: .relaxed)
        server.didEndSomething()
    }

    /// A handshake was completed.
    func didOpen(_ driver: any AcceptedConnection) {
        connections[driver.transport.serial] = (driver as? WebSocketDriver).map { .webSocket($0) } ?? .accepted(driver)
        server.webSocketCount.add(1, ordering: .relaxed)
        trace(driver.transport, "WebSocket connection made")
    }

    /// What came of it is gone.
    func didClose(_ transport: any ConnectionTransport) {
        server.webSocketCount.subtract(1, ordering: .relaxed)
        trace(transport, "WebSocket connection lost")
        forget(transport)
    }

    // MARK: - Requests

    func receive(_ head: consuming RequestHead, body: consuming ReceivedBody, from driver: HTTPServerDriver) {
        let hasBody = !body.isNone
        let signs = driver.handshakeSigns
        let scope = makeScope(head, from: driver)
        do throws(ClientLimiter.Refusal) { try admit(scope, asHandshake: signs.asksForUpgrade, on: driver) } catch {
            refuse(error, driver)
            return
        }
        if signs.asksForUpgrade || signs.hasKey, open(scope, announcesBody: hasBody, from: driver) { return }
        if signs.asksForUpgrade { warnOfUpgrade(scope) }
        guard !isFull else {
            refuseBecauseFull(driver)
            return
        }
        let exchange = HTTPExchange(scope, hasBody: hasBody, driver: driver, server: self)
        driver.observe(by: exchange)
        begin(exchange)
        host.serve(exchange)
    }

    private func makeScope(_ head: consuming RequestHead, from driver: HTTPServerDriver) -> RequestScope {
        let remote = driver.transport.remoteEndpoint
        var client = remote
        var isSecure = driver.isSecure
        if let forwarding = configuration.forwarding, remote.isKnown {
            switch forwarding.told(in: head, from: remote.hostAddress) {
            case .client(let told)?:
                client = SocketEndpoint(told.address, port: told.port)
                isSecure = told.isSecure ?? isSecure
            case .isSecure(let told)?: isSecure = told
            case nil: break
            }
        }
        return RequestScope(
            head, client: client, server: driver.transport.localEndpoint, isSecure: isSecure,
            rootPath: configuration.rootPath)
    }

    /// Counts the connection as its client's, whom a proxy may have told only now, and a handshake as one (P-31).
    private func admit(
        _ scope: RequestScope, asHandshake isHandshake: Bool, on driver: HTTPServerDriver
    ) throws(ClientLimiter.Refusal) {
        guard let limiter = server.limiter else { return }
        let client = scope.client.hostAddress
        try limiter.count(client, on: driver.transport)
        if isHandshake { try limiter.admitHandshake(of: client, at: loop.now) }
    }

    private func refuse(_ refusal: ClientLimiter.Refusal, _ driver: HTTPServerDriver) {
        let isRate = refusal != .tooManyConnectionsOfClient
        log.write(.warning, "Request of \(driver.transport.remoteEndpoint) refused (\(refusal.status)): \(refusal).")
        events?.didHit(isRate ? .handshakeRate : .connectionsOfClient)
        events?.didRefuseHandshake(cause: isRate ? .rateLimit : .tooManyFromClient)
        var answer = plainAnswer(refusal.status)
        // A number is a value that can be sent.
        try? answer.head.fields.append(name: "retry-after", value: refusal.retryAfter)
        driver.give(answer)
    }

    /// U-LM-01: this connection and this request count too.
    private var isFull: Bool {
        guard let limit = configuration.concurrencyLimit else { return false }
        return server.connections >= limit || server.running >= limit
    }

    private func refuseBecauseFull(_ driver: HTTPServerDriver) {
        log.write(.warning, "Exceeded concurrency limit.")
        events?.didHit(.concurrency)
        driver.give(plainAnswer(503))
    }

    /// U-H-23: the request is served as it would be without.
    private func warnOfUpgrade(_ scope: RequestScope) {
        log.write(.warning, "Unsupported upgrade request.")
        guard scope.head.fields.containsToken("websocket", in: "Upgrade") else { return }
        log.write(.warning, "WebSockets are switched off. Leave out '--ws none' to serve them.")
    }

    // MARK: - Handshakes

    /// - Returns: whether the request is a handshake, and is being dealt with.
    private func open(_ scope: RequestScope, announcesBody: Bool, from driver: HTTPServerDriver) -> Bool {
        guard let handshake = configuration.handshake else { return false }
        switch handshake.evaluate(scope.head, announcesBody: announcesBody) {
        case .accepted(let acceptance):
            guard !server.isStopping else {
                refuse(handshake.refusal(for: .shuttingDown, to: scope.head), scope, driver)
                return true
            }
            guard server.webSocketCount.load(ordering: .relaxed) < configuration.webSocketLimit ?? .max else {
                log.write(.warning, "Exceeded WebSocket limit.")
                events?.didHit(.webSockets)
                events?.didRefuseHandshake(cause: .tooManyConnections)
                driver.give(plainAnswer(503))
                return true
            }
            trace(driver.transport, "Upgrading to WebSocket")
            let opening = WebSocketOpening(scope, acceptance, driver: driver, server: self)
            driver.observe(by: opening)
            if let openTimeout = configuration.openTimeout { driver.limitAnswer(to: openTimeout) }
            begin(opening)
            host.serve(opening)
        case .refused(let refusal): refuse(refusal, scope, driver)
        case .notAnUpgrade: return false
        }
        return true
    }

    private func refuse(_ refusal: HandshakeRefusal, _ scope: RequestScope, _ driver: HTTPServerDriver) {
        let diagnosis = HandshakeDiagnosis(
            refusal.failure, to: scope.head, allowedOrigins: configuration.allowedOrigins)
        let status = refusal.response.status
        log.write(.warning, diagnosis.line(scope, status: status))
        events?.didRefuseHandshake(cause: RefusalCause(refusal.failure))
        logConnection(.handshake(status: status), scope, since: moment, responseFields: refusal.response.fields)
        let body = Array(diagnosis.body.utf8)
        var fields = refusal.response.fields
        fields.remove("Content-Length")
        driver.give(
            FinalAnswer(
                ResponseHead(status: status, fields: fields), body: scope.head.method == "HEAD" ? [] : body,
                leading: defaultFields(besides: fields)))
    }

    // MARK: - Answers of the server's own

    func defaultFields(besides own: borrowing HeaderFields) -> SerializedFields {
        defaultFields.fields(date: loop.date, besides: own)
    }

    /// A short text that ends the connection: the status' reason phrase, if nothing else is said.
    func plainAnswer(_ status: Int, _ text: String? = nil) -> FinalAnswer {
        var fields = HeaderFields()
        try? fields.append(name: "content-type", value: "text/plain; charset=utf-8")
        return FinalAnswer(
            ResponseHead(status: status, fields: fields),
            body: Array((text ?? ReasonPhrase.standard(for: status)).utf8),
            leading: defaultFields(besides: HeaderFields()))
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer {
        let client = driver.transport.remoteEndpoint
        if let limit = ServerLimit(violation) { events?.didHit(limit) }
        guard violation.status == 400 else {
            log.write(.warning, "Request of \(client) refused (\(violation.status)): \(violation).")
            return plainAnswer(violation.status)
        }
        // Who goes in the middle of a request is no news: there is nobody to be answered.
        let isGone = violation == .incompleteHead || violation == .incompleteBody
        log.write(isGone ? .debug : .warning, "Invalid HTTP request received. Of \(client): \(violation).")
        return plainAnswer(400, "Invalid HTTP request received.")
    }

    func answerToLateness(on driver: HTTPServerDriver) -> FinalAnswer {
        events?.didHit(.applicationTime)
        events?.didRefuseHandshake(cause: .timeout)
        log.write(
            .warning,
            "The application has neither accepted nor refused the WebSocket connection of "
                + "\(driver.transport.remoteEndpoint) in time; it was answered with 503.")
        return plainAnswer(503)
    }

    // MARK: - Applications

    private func begin(_ application: any RunningApplication) {
        application.runningIndex = running.count
        running.append(application)
        server.runningCount.add(1, ordering: .relaxed)
    }

    /// An application has returned, or failed.
    func end(_ application: any RunningApplication) {
        let index = application.runningIndex
        guard index >= 0 else { return }
        application.runningIndex = -1
        let last = running.removeLast()
        if index < running.count {
            running[index] = last
            last.runningIndex = index
        }
        server.runningCount.subtract(1, ordering: .relaxed)
        server.didEndSomething()
    }

    func didAnswer(_ scope: RequestScope, status: Int, bytes: Int, since began: Timestamp) {
        server.didAnswer()
        events?.didAnswer(
            method: scope.head.method, status: status, duration: began.duration(to: moment), bytes: bytes)
    }

    func logConnection(
        _ event: AccessRecord.Event, _ scope: RequestScope, since began: Timestamp,
        responseFields: HeaderFields = HeaderFields()
    ) {
        guard log.writesWebSocketAccess else { return }
        log.write(
            access: AccessRecord(
                event, client: scope.clientText, head: scope.head, path: scope.path,
                duration: began.duration(to: moment), responseFields: responseFields))
    }

    // MARK: - The end

    func leave(_ frame: CloseFrame) {
        host.leave()
        for member in connections.values {
            switch member {
            case .proxied(let driver): driver.leave()
            case .http(let driver): driver.leave()
            case .webSocket(let driver): driver.leave(with: frame)
            case .accepted(let driver): driver.leave(with: frame)
            }
        }
        for case let opening as WebSocketOpening in running { opening.leave() }
    }

    func cut() {
        host.leave()
        for member in connections.values {
            switch member {
            case .proxied(let driver): driver.abort()
            case .http(let driver): driver.abort()
            case .webSocket(let driver): driver.abort()
            case .accepted(let driver): driver.abort()
            }
        }
        for application in running { application.cancel() }
    }
}
