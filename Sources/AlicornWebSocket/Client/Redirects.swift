// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// Opens a connection at an address, or where its server says instead (RED-01 to RED-05).
///
/// What a redirect leads to is forgotten afterwards: the next connection begins at the address again.
struct RedirectedOpening<Opened: Sendable> {
    private var uri: WebSocketURI
    private var configuration: WebSocketClient.Configuration
    private let diagnosis: Diagnosis
    private let assemble: ClientOpening<Opened>.Assemble

    init(
        _ address: String, _ configuration: WebSocketClient.Configuration, _ diagnosis: Diagnosis,
        assemble: @escaping ClientOpening<Opened>.Assemble
    ) throws(WebSocketError) {
        do throws(InvalidURI) { uri = try WebSocketURI(address) } catch {
            throw WebSocketError(.invalidAddress, error.description, underlying: error)
        }
        self.configuration = configuration
        self.diagnosis = diagnosis
        self.assemble = assemble
    }

    /// One deadline covers all of it (HC-15).
    mutating func run() async throws -> Opened {
        let deadline = Timestamp.after(configuration.connection.openTimeout)
        var followed = 0
        while true {
            do {
                return try await ClientOpening(
                    uri: uri, configuration: configuration, deadline: deadline, diagnosis: diagnosis, assemble: assemble
                ).run()
            } catch let error as WebSocketError {
                // What a proxy says on the way is not the server's to say.
                guard error.code == .handshakeFailed, configuration.maximumRedirects > 0,
                    let location = error.response?.redirectLocation
                else {
                    throw error
                }
                guard followed < configuration.maximumRedirects else {
                    throw WebSocketError(
                        .redirectRefused, "\(uri) redirects once more after \(followed) redirects, which is the limit")
                }
                try follow(location)
                followed += 1
            }
        }
    }

    private mutating func follow(_ location: String) throws(WebSocketError) {
        let target: WebSocketURI
        do throws(InvalidURI) { target = try uri.resolving(location) } catch {
            throw WebSocketError(.redirectRefused, "\(uri) redirects badly: \(error)", underlying: error)
        }
        guard target.isSecure || !uri.isSecure else {
            throw WebSocketError(
                .redirectRefused, "\(uri) redirects to \(target), which is not encrypted: that is never followed")
        }
        if case .connectedSocket? = configuration.endpoint {
            throw WebSocketError(
                .redirectRefused, "\(uri) redirects to \(target), and the connected socket cannot be used again")
        }
        if !target.hasSameOrigin(as: uri) {
            guard configuration.endpoint == nil else {
                throw WebSocketError(
                    .redirectRefused, "\(uri) redirects to another server, \(target), and the endpoint is fixed")
            }
            // What identifies us to one server is no business of another's.
            configuration.additionalFields.removeAll { Self.secrets.contains($0.name.lowercased()) }
        }
        uri = target
    }

    private static var secrets: Set<String> { ["authorization", "cookie", "proxy-authorization", "host"] }
}

extension HTTP1Response {
    /// Where the response says to go instead (RFC 9110 §15.4).
    fileprivate var redirectLocation: String? {
        [300, 301, 302, 303, 307, 308].contains(head.status) ? head.fields.first("Location") : nil
    }
}
