// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Logging

/// What a server does with its connections: answers their requests, opens them, runs their handlers, and ends them all.
///
/// Shared by all loops of a server.
final class ServerAcceptor: RequestResponder, Sendable {
    private let configuration: WebSocketServer.Configuration
    private let handshake: ServerHandshake
    private let diagnosis: Diagnosis
    private let application: ServerApplication
    private let times: HTTPServerTimes
    private let connections = ConnectionRegistry()

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
    }

    /// Takes an accepted TCP connection, on its loop.
    func accept(_ transport: any ConnectionTransport) -> any ConnectionDriver {
        WireLog.makeDriver(on: transport, as: .server, limits: configuration.connection.limits, diagnosis) {
            transport in
            let driver = HTTPServerDriver(
                transport: transport, limits: configuration.http, times: times, responder: self)
            connections.add(.http(driver))
            return driver
        }
    }

    // MARK: - Requests

    func receive(_ request: RequestHead, hasBody: Bool, from driver: HTTPServerDriver) {
        switch application.responder {
        case .nobody: open(request, hasBody: hasBody, on: driver)
        case .inTask(let respond): ask(respond, about: Exchange(request: request, hasBody: hasBody, driver: driver))
        case .immediate(let respond):
            if let response = respond(request) {
                driver.respond(response.head, body: response.body)
            } else {
                open(request, hasBody: hasBody, on: driver)
            }
        }
    }

    private func ask(_ respond: @escaping WebSocketServer.Responder, about exchange: Exchange) {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            // Most responders never wait: they are done before this returns. (A task that may throw is one allocation less.)
            let _: Task<Void, any Error> = Task.immediate(executorPreference: exchange.driver.loop) {
                await self.answer(exchange, by: respond)
            }
        } else {
            Task(executorPreference: exchange.driver.loop) { await self.answer(exchange, by: respond) }
        }
    }

    private func answer(_ exchange: Exchange, by respond: WebSocketServer.Responder) async {
        do {
            if let response = try await respond(exchange.request) {
                exchange.driver.respond(response.head, body: response.body)
            } else {
                open(exchange.request, hasBody: exchange.hasBody, on: exchange.driver)
            }
        } catch {
            diagnosis.log(
                .error, "responding to a request failed", of: exchange.driver.transport, ["error": "\(error)"])
            exchange.driver.respond(ResponseHead(status: 500), body: Array("Internal Server Error\n".utf8))
        }
    }

    /// A request on its way through the application, back to the loop that it came from.
    private struct Exchange: @unchecked Sendable {
        // SAFETY: the driver is touched only by the task that runs on the driver's loop.
        let request: RequestHead
        let hasBody: Bool
        let driver: HTTPServerDriver
    }

    func failed(_ violation: HTTPViolation, on driver: HTTPServerDriver) {
        diagnosis.log(.info, "request refused", of: driver.transport, ["cause": "\(violation)"])
    }

    func closed(_ driver: HTTPServerDriver) { connections.remove(driver.transport) }

    private func open(_ request: RequestHead, hasBody: Bool, on driver: HTTPServerDriver) {
        guard !driver.isDone else { return }
        switch handshake.evaluate(request, announcesBody: hasBody) {
        case .accepted(let acceptance):
            if connections.isStopping {
                diagnosis.metrics?.didFinishHandshake(.refused(status: 503))
                driver.respond(ResponseHead(status: 503), body: Array("Server is shutting down.\n".utf8))
            } else {
                accept(acceptance, request, on: driver)
            }
        case .refused(let refusal), .notAnUpgrade(let refusal):
            diagnosis.log(
                .info, "opening handshake refused", of: driver.transport, ["cause": "\(refusal.failure)"])
            diagnosis.metrics?.didFinishHandshake(.refused(status: refusal.response.status))
            driver.respond(refusal.response, body: refusal.body)
        }
    }

    private func accept(_ acceptance: HandshakeAcceptance, _ request: RequestHead, on driver: HTTPServerDriver) {
        let response: ResponseHead
        do throws(HandshakeMisuse) { response = try acceptance.response() } catch {
            diagnosis.log(.error, "opening handshake failed", of: driver.transport, ["cause": "\(error)"])
            driver.respond(ResponseHead(status: 500), body: [])
            return
        }
        let transform = acceptance.acceptedExtension?.transform
        switch application.handlers {
        case .tasks(let handler):
            driver.upgrade(response) {
                diagnosis.didAccept(request, on: driver.transport)
                let parts = ConnectionAssembly.makeConnection(
                    role: .server, configuration: configuration.connection, transform: transform,
                    transport: driver.transport, heads: OpeningHeads(request: request, response: response),
                    diagnosis: diagnosis)
                connections.add(.webSocket(parts.driver))
                diagnosis.inContext(of: driver.transport) {
                    run(handler, parts.connection, queue: parts.queue, on: driver.loop)
                }
                return parts.driver
            }
        case .callbacks(let makeHandler):
            driver.upgrade(response) {
                diagnosis.didAccept(request, on: driver.transport)
                let handler = makeHandler(request)
                let (webSocket, connection) = ConnectionAssembly.makeDriver(
                    role: .server, configuration: configuration.connection, transform: transform,
                    transport: driver.transport, diagnosis: diagnosis
                ) { webSocket in
                    CallbackConnection(driver: webSocket, handler: handler, subprotocol: acceptance.subprotocol) {
                        [self, unowned webSocket] _ in connections.remove(webSocket.transport)
                    }
                }
                connections.add(.webSocket(webSocket))
                handler.opened(connection)
                return webSocket
            }
        }
    }

    // MARK: - Handlers

    private func run(
        _ handler: @escaping WebSocketServer.Handler, _ connection: WebSocketConnection, queue: MessageQueue,
        on loop: ConnectionLoop
    ) {
        let executor: (any TaskExecutor)? =
            switch configuration.handlerPlacement {
            case .eventLoop: loop
            case .globalPool: nil
            }
        let task: Task<Void, any Error> = Task(executorPreference: executor) {
            connection.becomeOwned()
            let failure: (any Error)?
            do {
                try await handler(connection)
                failure = nil
            } catch {
                failure = error
            }
            await self.finish(connection, failure)
        }
        queue.cancelWhenClosed(task)
    }

    /// The handler is done: closes the connection, and waits until it is.
    private func finish(_ connection: WebSocketConnection, _ failure: (any Error)?) async {
        if let failure, await connection.closure == nil {
            diagnosis.log(
                .error, "connection handler failed", of: connection.driver.transport, ["error": "\(failure)"])
        }
        // The code may be sent: nothing is thrown.
        if failure == nil { try? await connection.close() } else { await connection.closeAfterFailure() }
        connections.remove(connection.driver.transport)
    }

    // MARK: - The end

    /// Ends all connections: at first politely, and after `timeout` at once.
    func stop(within timeout: Duration) async { await connections.stop(within: timeout) }
}
