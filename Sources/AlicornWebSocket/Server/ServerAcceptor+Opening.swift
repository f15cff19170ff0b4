// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Logging

/// From a request to an open connection.
extension ServerAcceptor {
    /// Answers the request as an opening handshake, and opens the connection if it is a right one.
    func open(_ exchange: Exchange, for handlers: ServerApplication.Handlers) {
        guard !exchange.driver.isDone else { return }
        switch handshake.evaluate(exchange.request.head, announcesBody: exchange.hasBody) {
        case .accepted(let acceptance):
            guard !connections.isStopping else {
                diagnosis.metrics?.didFinishHandshake(.refused(status: 503))
                exchange.answer(.text("Server is shutting down.\n", status: 503))
                return
            }
            switch choose(from: acceptance, exchange.request) {
            case .use(let name): accept(acceptance, exchange, choosing: name, for: handlers)
            case .none: accept(acceptance, exchange, choosing: nil, for: handlers)
            case .refuse:
                let failure = HandshakeFailure.noCommonSubprotocol(
                    offered: acceptance.offeredSubprotocols, supported: configuration.subprotocols?.supported ?? [])
                refuse(handshake.refusal(for: failure, to: exchange.request.head), exchange)
            }
        case .refused(let refusal), .notAnUpgrade(let refusal): refuse(refusal, exchange)
        }
    }

    private func choose(
        from acceptance: HandshakeAcceptance, _ request: WebSocketServer.Request
    ) -> WebSocketServer.SubprotocolChoice {
        if let select = configuration.selectSubprotocol { return select(acceptance.offeredSubprotocols, request) }
        return acceptance.subprotocol.map { .use($0) } ?? .none
    }

    private func refuse(_ refusal: HandshakeRefusal, _ exchange: Exchange) {
        var metadata: Logger.Metadata = ["peer": "\(exchange.request.remote)", "cause": "\(refusal.failure)"]
        if let remedy = refusal.failure.remedy(for: exchange.request.head) { metadata["remedy"] = "\(remedy)" }
        diagnosis.log(.info, "opening handshake refused", of: exchange.driver.transport, metadata)
        diagnosis.metrics?.didFinishHandshake(.refused(status: refusal.response.status))
        finish(refusal.response, exchange) { exchange.answer(WebSocketServer.Response($0, body: refusal.body)) }
    }

    private func accept(
        _ acceptance: HandshakeAcceptance, _ exchange: Exchange, choosing subprotocol: String?,
        for handlers: ServerApplication.Handlers
    ) {
        let original: ResponseHead
        do throws(HandshakeMisuse) { original = try acceptance.response(choosing: subprotocol) } catch {
            fail(exchange, error)
            return
        }
        finish(original, exchange) { response throws(HandshakeMisuse) in
            if configuration.amendResponse != nil { try response.checkHandshake(asIn: original) }
            let transform = acceptance.acceptedExtension?.transform
            exchange.driver.upgrade(response) {
                // From here on the connection belongs to this client alone.
                exchange.driver.transport.remoteEndpoint = exchange.request.remote
                diagnosis.didAccept(exchange.request.head, on: exchange.driver.transport)
                switch handlers {
                case .tasks(let handler): return serve(exchange, response, transform, by: handler)
                case .callbacks(let makeHandler):
                    return serve(exchange, subprotocol, transform, by: makeHandler(exchange.request))
                }
            }
        }
    }

    /// Sends a response once the application's hook has seen it, or what the hook gives in its place (HOOK-02).
    private func finish(
        _ response: ResponseHead, _ exchange: Exchange, send: (ResponseHead) throws(HandshakeMisuse) -> Void
    ) {
        var response = response
        do {
            if let other = try configuration.amendResponse?(exchange.request, &response) {
                exchange.answer(other)
            } else {
                try send(response)
            }
        } catch {
            fail(exchange, error)
        }
    }

    private func fail(_ exchange: Exchange, _ cause: any Error) {
        diagnosis.log(.error, "opening handshake failed", of: exchange.driver.transport, ["cause": "\(cause)"])
        diagnosis.metrics?.didFinishHandshake(.refused(status: 500))
        exchange.answer(.text("Internal Server Error\n", status: 500))
    }

    // MARK: - Handlers

    private func serve(
        _ exchange: Exchange, _ response: ResponseHead, _ transform: (any MessageTransform)?,
        by handler: @escaping WebSocketServer.Handler
    ) -> WebSocketDriver {
        let parts = ConnectionAssembly.makeConnection(
            role: .server, configuration: configuration.connection, transform: transform,
            transport: exchange.driver.transport,
            heads: OpeningHeads(request: exchange.request.head, response: response),
            details: ConnectionDetails(exchange.request), diagnosis: diagnosis)
        connections.add(.webSocket(parts.connection))
        diagnosis.inContext(of: exchange.driver.transport) {
            run(handler, parts.connection, queue: parts.queue, on: exchange.driver.loop)
        }
        return parts.driver
    }

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
        if configuration.cancelsHandlers {
            queue.cancelWhenClosed(task)
        } else {
            connections.add(lasting: task, of: connection.driver.transport)
        }
    }

    /// The handler is done: closes the connection, and waits until it is.
    private func finish(_ connection: WebSocketConnection, _ failure: (any Error)?) async {
        if let failure, await connection.closure == nil {
            diagnosis.log(
                .error, "connection handler failed", of: connection.driver.transport, ["error": "\(failure)"])
        }
        // The code may be sent: nothing is thrown.
        if failure == nil { try? await connection.close() } else { await connection.closeAfterFailure() }
        forget(connection.driver.transport)
    }

    private func serve(
        _ exchange: Exchange, _ subprotocol: String?, _ transform: (any MessageTransform)?,
        by handler: any WebSocketHandler
    ) -> WebSocketDriver {
        let (driver, sink) = ConnectionAssembly.makeDriver(
            role: .server, configuration: configuration.connection, transform: transform,
            transport: exchange.driver.transport, diagnosis: diagnosis
        ) { driver in
            HandlerSink(CallbackConnection(driver: driver, subprotocol: subprotocol), handler: handler) {
                [self, unowned driver] _ in forget(driver.transport)
            }
        }
        connections.add(.callbacks(sink.connection))
        handler.opened(sink.connection)
        return driver
    }
}
