// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornNIO
package import AlicornProtocol
package import AlicornTransport
import NIOCore
import NIOPosix

/// One attempt to open a connection, from the address to the end of the handshake.
struct ClientOpening<Opened: Sendable>: Sendable {
    /// Makes the driver of an open connection, and what its user gets.
    typealias Assemble =
        @Sendable (any ConnectionTransport, ClientHandshake.Agreement, OpeningHeads) -> (WebSocketDriver, Opened)

    let uri: WebSocketURI
    let configuration: WebSocketClient.Configuration
    /// When all of it must be done: resolving, TCP, TLS, proxies, handshake (HC-15).
    let deadline: Timestamp
    let diagnosis: Diagnosis
    let assemble: Assemble

    func run() async throws -> Opened {
        let handshake = try makeHandshake()
        let outcome = OpeningOutcome<Opened>()
        // What cannot be given up at once, such as resolving a name, goes on without anybody waiting for it.
        let alarm = ClientLoops.group.next().scheduleTask(deadline: .init(deadline)) {
            outcome.finish(.failure(WebSocketError(noConnectionInTimeTo: uri)))
        }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            begin(handshake, outcome)
            return try await outcome.value()
        } onCancel: {
            outcome.abandon()
        }
    }

    private func makeHandshake() throws(WebSocketError) -> ClientHandshake {
        var generator = SystemRandomNumberGenerator()
        do throws(HandshakeMisuse) {
            return try ClientHandshake(to: uri, configuration: configuration.handshake, using: &generator)
        } catch {
            throw WebSocketError(.misuse, error.description, underlying: error)
        }
    }

    private func begin(_ handshake: ClientHandshake, _ outcome: OpeningOutcome<Opened>) {
        Task {
            do {
                dial(try await configuration.route(to: uri), handshake, outcome)
            } catch { outcome.finish(.failure(error)) }
        }
    }

    private func dial(_ route: DialRoute, _ handshake: ClientHandshake, _ outcome: OpeningOutcome<Opened>) {
        NIODialer.connect(
            route, deadline: deadline, group: ClientLoops.group, loops: ClientLoops.loops,
            begun: { outcome.whenAbandoned($0) },
            failed: { outcome.finish(.failure(WebSocketError(dialing: $0, to: uri))) },
            makeDriver: { transport in
                diagnosis.observed(transport, as: .client, limits: configuration.connection.limits) {
                    makeDriver($0, handshake, outcome)
                }
            })
    }

    private func makeDriver(
        _ transport: any ConnectionTransport, _ handshake: ClientHandshake, _ outcome: OpeningOutcome<Opened>
    ) -> any ConnectionDriver {
        let driver = ClientOpeningDriver(
            transport: transport, handshake: handshake, limits: configuration.http, deadline: deadline,
            opened: { response, agreement in
                let (driver, opened) = assemble(
                    transport, agreement, OpeningHeads(request: handshake.request, response: response))
                if !outcome.finish(.success(opened)) { driver.abort() }
                return driver
            },
            failed: { outcome.finish(.failure(WebSocketError(opening: $0, to: uri))) })
        guard outcome.isPending else {
            driver.cancel()
            return driver
        }
        driver.start()
        return driver
    }
}

/// The event loops of all clients of the process.
enum ClientLoops {
    static let group = MultiThreadedEventLoopGroup.singleton
    static let loops = NIOLoops(group)
}

extension Timestamp {
    /// The moment after `duration`, on the clock of SwiftNIO's loops.
    static func after(_ duration: Duration) -> Self {
        Timestamp(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)).advanced(by: duration)
    }
}

extension WebSocketError {
    /// Tells why there was no way to the server.
    package init(dialing failure: DialFailure, to uri: WebSocketURI) {
        switch failure {
        case .notConnected(let text, let underlying):
            self.init(.connectionFailed, "no connection to \(uri.authority): \(text)", underlying: underlying)
        case .proxy(let failure, let proxy):
            self.init(.proxyFailed, "no way to \(uri.authority) through \(proxy): \(failure)", underlying: failure)
            if case .refused(let response) = failure { self.response = response }
        case .tls(let failure): self.init(.tlsFailed, failure.description, underlying: failure)
        case .timedOut: self.init(noConnectionInTimeTo: uri)
        }
    }

    fileprivate init(noConnectionInTimeTo uri: WebSocketURI) {
        self.init(.timedOut, "no connection to \(uri.authority) came about in time")
    }

    /// Tells why an opening handshake came to nothing.
    package init(opening failure: OpeningFailure, to uri: WebSocketURI) {
        switch failure {
        case .handshake(let failure, let response):
            let text = String(decoding: response.body.prefix(300), as: UTF8.self)
            let quote = text.isEmpty ? "" : ", saying \"\(text.escapedForLog)\""
            self.init(.handshakeFailed, "\(uri): \(failure)\(quote)", underlying: failure)
            self.response = response
        case .http(let violation):
            self.init(.handshakeFailed, "\(uri) did not answer in HTTP: \(violation)", underlying: violation)
        case .connectionLost(let reason):
            let cause = reason.map { ": \($0)" } ?? ""
            self.init(.handshakeFailed, "\(uri) ended the connection before it answered the handshake\(cause)")
        case .timedOut:
            self.init(.timedOut, "\(uri) did not finish the opening handshake in time")
        case .misuse(let misuse):
            self.init(.misuse, misuse.description, underlying: misuse)
        }
    }
}
