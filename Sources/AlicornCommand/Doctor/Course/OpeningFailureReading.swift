// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornWebSocket
import Foundation

/// Makes out why no connection came about, from the client's error and from second opinions.
struct OpeningFailureReading {
    let uri: WebSocketURI
    let configuration: WebSocketClient.Configuration
    /// The proxy on the way, and who says that there is one.
    let proxy: (address: ProxyAddress, source: String)?
    let passage: Passage
    let opinions: SecondOpinions

    private var patience: Duration { configuration.connection.openTimeout }

    func finding(for error: WebSocketError) async -> Finding {
        switch error.code {
        case .invalidAddress: Finding(at: .address, error.message, .invalidAddress(error.message))
        case .connectionFailed: ofSocket(error)
        case .proxyFailed: ofProxy(error)
        case .tlsFailed: await ofTLS(error)
        case .handshakeFailed: await ofAnswer(error)
        case .timedOut: await ofTime()
        default: Finding(at: .address, error.message, .unusableOptions(error.message))
        }
    }

    // MARK: - Before there is a connection

    private var place: String {
        switch configuration.endpoint {
        case .tcp(let host, let port)?: HostAndPort.text(host: host, port: port)
        case .unix(let path)?: path
        case .connectedSocket?, nil: uri.authority
        }
    }

    private func ofSocket(_ error: WebSocketError) -> Finding {
        let numbers = error.underlying.map { DialFailure.errorNumbers(in: $0) } ?? []
        let reason = error.transportReason ?? error.message
        if let proxy {
            return Finding(at: .socket, reason, .proxyUnreachable(proxy.address, proxy.source, reason))
        }
        let fault: Fault =
            if case .unix(let path)? = configuration.endpoint, numbers.contains(ENOENT) {
                .noSocketFile(path)
            } else if numbers.contains(ECONNREFUSED) {
                .connectionRefused(place)
            } else if let number = numbers.first(where: { [ENETUNREACH, EHOSTUNREACH, EACCES, EPERM].contains($0) }) {
                .unreachable(place, String(cString: strerror(number)))
            } else { .notConnected(reason) }
        return Finding(at: .socket, reason, fault)
    }

    private func ofProxy(_ error: WebSocketError) -> Finding {
        let failure = error.underlying as? ProxyFailure
        let text = failure?.description ?? error.message
        switch failure {
        case .credentialsRequired, .credentialsRefused, .noMethod: break
        case .refused(let response) where response.head.status == 407: break
        default: return Finding(at: .proxy, text, .proxyRefused(text))
        }
        return Finding(at: .proxy, text, .proxyCredentials(text))
    }

    private func ofTime() async -> Finding {
        let text = "nothing for \(patience.inWords)"
        guard passage.isConnected else { return Finding(at: .socket, text, .noAnswerToTCP(place, patience)) }
        if uri.isSecure, !passage.isEncrypted {
            if await opinions.answersInPlainText() {
                return Finding(at: .tls, text, .plainPort(uri, answersHTTP: true))
            }
            return Finding(at: .tls, text, .tlsTimeout(uri.authority, patience))
        }
        if !uri.isSecure, await opinions.speaksTLS() { return Finding(at: .answer, text, .tlsPort(uri)) }
        return Finding(at: .answer, text, .answerTimeout(patience))
    }

    // MARK: - TLS

    private func ofTLS(_ error: WebSocketError) async -> Finding {
        let text = error.message
        let fault: Fault =
            switch (error.underlying as? TLSFailure)?.kind {
            case .certificate?: ofCertificate(text)
            case .name?:
                .certificateName(passage.certificate?.name ?? uri.host, names: passage.certificate?.1.names ?? "")
            case .refused?: ofAlert(text)
            case .notTLS?: .plainPort(uri, answersHTTP: await opinions.answersInPlainText())
            case .ended?:
                await opinions.answersInPlainText() ? .plainPort(uri, answersHTTP: true) : .tlsEnded(text)
            case .other?, nil: ofAlert(text)
            }
        return Finding(at: .tls, text, fault)
    }

    private func ofCertificate(_ text: String) -> Fault {
        guard let (name, certificate) = passage.certificate else { return .tlsFailed(text) }
        if certificate.notAfter < Passage.now {
            return .certificateExpired(name, at: certificate.notAfter)
        }
        if certificate.notBefore > Passage.now {
            return .certificateNotYetValid(name, until: certificate.notBefore)
        }
        return .certificateUntrusted(name, issuer: certificate.issuer)
    }

    /// By the names that BoringSSL has for alerts (RFC 8446 §6.2).
    private func ofAlert(_ text: String) -> Fault {
        func has(_ names: String...) -> Bool { names.contains { text.contains($0) } }
        if has("NO_APPLICATION_PROTOCOL") { return .http2Only }
        if has("UNRECOGNIZED_NAME") { return .unknownServerName(uri.host) }
        if Self.isAboutClientCertificate(text) { return .clientCertificate(text) }
        if has("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "INSUFFICIENT") {
            return .tlsVersion(text)
        }
        return .tlsFailed(text)
    }

    private static func isAboutClientCertificate(_ text: String) -> Bool {
        [
            "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE", "ALERT_UNKNOWN_CA",
            "ALERT_NO_CERTIFICATE",
        ].contains { text.contains($0) }
    }

    // MARK: - The answer

    private func ofAnswer(_ error: WebSocketError) async -> Finding {
        switch error.underlying {
        case let failure as HandshakeFailure:
            if let finding = Fault.ofFields(failure) { return finding }
            if let response = error.response, response.head.status != 101 {
                let reading = AnswerReading(
                    uri: uri, response: response, origin: configuration.origin,
                    subprotocols: configuration.subprotocols, opinions: opinions)
                return Finding(at: .answer, reading.text, await reading.fault())
            }
            return Finding(at: .answer, "\(failure)", .noAnswer("\(failure)"))
        case let violation as HTTPViolation: return await ofNonsense(violation)
        default: return await ofSilence(error.transportReason ?? "")
        }
    }

    private func ofNonsense(_ violation: HTTPViolation) async -> Finding {
        let bytes = await opinions.firstBytes()
        let fault: Fault =
            switch SpokenProtocol(bytes) {
            case .tls: .tlsPort(uri)
            case .http2: .http2Only
            case .http10(let statusLine): .http10(statusLine)
            case .other(let speaker):
                bytes.starts(with: "HTTP/1.1 ".utf8) ? .malformedAnswer(violation) : .notHTTP(speaker)
            }
        return Finding(at: .answer, "\(violation)", fault)
    }

    private func ofSilence(_ reason: String) async -> Finding {
        let text = "the connection ended"
        // RFC 8446 §4.4.2.4: in TLS 1.3 the server says so only when the client takes TLS for open.
        if Self.isAboutClientCertificate(reason) { return Finding(at: .tls, text, .clientCertificate(reason)) }
        if !uri.isSecure, await opinions.speaksTLS() { return Finding(at: .answer, text, .tlsPort(uri)) }
        if await opinions.speaksHTTP2() { return Finding(at: .answer, text, .http2Only) }
        return Finding(at: .answer, text, .noAnswer(reason))
    }
}
