// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

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
        return try await RouteAttempt(uri: uri, configuration: configuration, deadline: deadline) {
            transport, outcome in
            diagnosis.observed(transport, as: .client, limits: configuration.connection.limits) {
                makeDriver($0, handshake, outcome)
            }
        }.run()
    }

    private func makeHandshake() throws(WebSocketError) -> ClientHandshake {
        var generator = SystemRandomNumberGenerator()
        do throws(HandshakeMisuse) {
            return try ClientHandshake(to: uri, configuration: configuration.handshake, using: &generator)
        } catch {
            throw WebSocketError(.misuse, error.description, underlying: error)
        }
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

extension WebSocketError {
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
            self.init(
                .handshakeFailed, "\(uri) ended the connection before it answered the handshake\(cause)",
                transportReason: reason)
        case .timedOut:
            self.init(.timedOut, "\(uri) did not finish the opening handshake in time")
        case .misuse(let misuse):
            self.init(.misuse, misuse.description, underlying: misuse)
        }
    }
}
