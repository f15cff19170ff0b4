// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Logging

/// What a server does with its connections: finds out whose they are, answers their requests, opens them, runs their
/// handlers, and ends them all.
///
/// Shared by all loops of a server.
final class ServerAcceptor: RequestResponder, Sendable {
    let configuration: WebSocketServer.Configuration
    let handshake: ServerHandshake
    let diagnosis: Diagnosis
    let connections = ConnectionRegistry()
    private let application: ServerApplication
    private let times: HTTPServerTimes
    private let limiter: ClientLimiter?

    init(
        configuration: WebSocketServer.Configuration, handshake: ServerHandshake, logger: Logger,
        application: ServerApplication
    ) {
        self.configuration = configuration
        self.handshake = handshake
        diagnosis = Diagnosis(.server, logger: logger, configuration.observability)
        self.application = application
        times = HTTPServerTimes(
            open: configuration.connection.openTimeout, idle: configuration.idleTimeout,
            linger: configuration.connection.limits.closeTimeout)
        limiter = ClientLimiter(configuration.clients)
    }

    // MARK: - Connections

    /// Takes an accepted connection, on its loop.
    func accept(_ transport: any ConnectionTransport) -> any ConnectionDriver {
        let peer = transport.remoteEndpoint
        guard let proxies = configuration.proxyProtocol, peer.isKnown, proxies.contains(peer.hostAddress) else {
            return serve(transport)
        }
        let driver = ProxyHeaderDriver(transport: transport, timeout: configuration.connection.openTimeout) {
            [self] transport, header in
            serve(transport, isSecure: header.isSecure ?? false)
        } ended: { [self] violation, transport in
            forget(transport)
            if let violation { diagnosis.log(.info, "connection refused", of: transport, ["cause": "\(violation)"]) }
        }
        connections.add(.proxied(driver))
        return driver
    }

    private func serve(_ transport: any ConnectionTransport, isSecure: Bool = false) -> any ConnectionDriver {
        diagnosis.observed(transport, as: .server, limits: configuration.connection.limits) {
            makeHTTPDriver($0, isSecure: isSecure)
        }
    }

    private func makeHTTPDriver(_ transport: any ConnectionTransport, isSecure: Bool) -> HTTPServerDriver {
        let responder: any RequestResponder
        do throws(ClientLimiter.Refusal) {
            try admit(transport)
            responder = self
        } catch {
            diagnosis.log(.info, "connection refused", of: transport, ["cause": "\(error)"])
            responder = RefusingResponder(error) { [self] in forget($0.transport) }
        }
        let driver = HTTPServerDriver(
            transport: transport, isSecure: isSecure || configuration.tls != nil, limits: configuration.http,
            times: times, bodies: configuration.http.requestBody == nil ? .readOver : .collected, responder: responder)
        connections.add(.http(driver))
        if let limiter, limiter.mustCut(at: connections.count - 1) { driver.abort() }
        return driver
    }

    private func admit(_ transport: any ConnectionTransport) throws(ClientLimiter.Refusal) {
        guard let limiter else { return }
        try limiter.admitConnection(besides: connections.count(besides: transport))
        let client = transport.remoteEndpoint.hostAddress
        // Whose connection it is that comes from such a proxy is not known before its first request.
        let isForwarder = configuration.forwarding?.proxies.contains(client) ?? false
        if !isForwarder { try limiter.count(client, on: transport) }
    }

    /// The connection on this transport has ended.
    func forget(_ transport: any ConnectionTransport) {
        connections.remove(transport)
        limiter?.release(transport)
    }

    // MARK: - Requests

    func receive(_ head: consuming RequestHead, body: consuming ReceivedBody, from driver: HTTPServerDriver) {
        let hasBody = !body.isNone
        var exchange = Exchange(request: makeRequest(head, body, from: driver), hasBody: hasBody, driver: driver)
        do throws(ClientLimiter.Refusal) { try admit(exchange) } catch {
            diagnosis.log(
                .info, "opening handshake refused", of: driver.transport,
                ["peer": "\(exchange.request.remote)", "cause": "\(error)"])
            diagnosis.metrics?.didFinishHandshake(.refused(status: error.status))
            driver.closeAfterResponse()
            exchange.answer(WebSocketServer.Response(error))
            return
        }
        switch application.responder {
        case .nobody: proceed(with: exchange)
        case .inTask(let respond): ask(respond, about: exchange)
        case .immediate(let respond):
            if let response = respond(&exchange.request) {
                noteRefusal(response, of: exchange, Self.answered)
                exchange.answer(response)
            } else {
                proceed(with: exchange)
            }
        }
    }

    private static let answered = "the application answered it over plain HTTP"

    /// A handshake that is answered as a request is news to whoever wonders why it fails.
    private func noteRefusal(
        _ response: WebSocketServer.Response, of exchange: Exchange, _ cause: @autoclosure () -> String
    ) {
        guard exchange.request.isHandshake else { return }
        diagnosis.log(
            .info, "opening handshake refused", of: exchange.driver.transport,
            ["peer": "\(exchange.request.remote)", "cause": "\(cause())", "status": "\(response.head.status)"])
        diagnosis.metrics?.didFinishHandshake(.refused(status: response.head.status))
    }

    private func makeRequest(
        _ head: consuming RequestHead, _ body: consuming ReceivedBody, from driver: HTTPServerDriver
    ) -> WebSocketServer.Request {
        let bytes: [UInt8] = if case .whole(let bytes) = consume body { bytes } else { [] }
        let remote = driver.transport.remoteEndpoint
        let local = driver.transport.localEndpoint
        guard let forwarding = configuration.forwarding, remote.isKnown,
            let client = forwarding.client(of: head, from: remote.hostAddress)
        else {
            return WebSocketServer.Request(head, body: bytes, remote: remote, local: local, isSecure: driver.isSecure)
        }
        return WebSocketServer.Request(
            head, body: bytes, remote: SocketEndpoint(client.address, port: client.port), local: local,
            isSecure: client.isSecure ?? driver.isSecure)
    }

    private func admit(_ exchange: Exchange) throws(ClientLimiter.Refusal) {
        guard let limiter, exchange.request.isHandshake else { return }
        let client = exchange.request.remote.hostAddress
        try limiter.admitHandshake(of: client, at: exchange.driver.loop.now)
        try limiter.count(client, on: exchange.driver.transport)
    }

    private func ask(_ respond: @escaping WebSocketServer.Responder, about exchange: Exchange) {
        // Most responders never wait: they are done before this returns.
        exchange.driver.loop.begin { await self.answer(exchange, by: respond) }
    }

    private func answer(_ exchange: Exchange, by respond: WebSocketServer.Responder) async {
        var exchange = exchange
        do {
            if let response = try await respond(&exchange.request) {
                noteRefusal(response, of: exchange, Self.answered)
                exchange.answer(response)
            } else {
                proceed(with: exchange)
            }
        } catch {
            diagnosis.log(
                .error, "responding to a request failed", of: exchange.driver.transport, ["error": "\(error)"])
            exchange.answer(.text("Internal Server Error\n", status: 500))
        }
    }

    /// Nobody has answered the request.
    private func proceed(with exchange: Exchange) {
        switch application.destination {
        case .handlers(let handlers): open(exchange, for: handlers)
        case .routes(let routes):
            switch routes.find(exchange.request) {
            case .answer(let response):
                noteRefusal(
                    response, of: exchange, "no route leads from \(Excerpt(exchange.request.target)) to a handler")
                exchange.answer(response)
            case .page(let page): ask(page, about: exchange)
            case .open(let handlers): open(exchange, for: handlers)
            }
        }
    }

    /// A request on its way through the application, back to the loop that it came from.
    struct Exchange: @unchecked Sendable {
        // SAFETY: the driver is touched only by the task that runs on the driver's loop.
        var request: WebSocketServer.Request
        let hasBody: Bool
        let driver: HTTPServerDriver

        func answer(_ response: WebSocketServer.Response) { driver.respond(response.head, body: response.body) }
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer {
        diagnosis.log(.info, "request refused", of: driver.transport, ["cause": "\(violation)"])
        return FinalAnswer(violation)
    }

    func closed(_ driver: HTTPServerDriver) { forget(driver.transport) }

    // MARK: - The end

    /// Ends all connections: at first politely, and after the time for that at once.
    func stop() async { await connections.stop(configuration.farewell, within: configuration.stopTimeout) }
}
