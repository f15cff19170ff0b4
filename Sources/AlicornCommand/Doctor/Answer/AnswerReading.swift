// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Makes out why a server answered otherwise than with 101.
struct AnswerReading {
    let uri: WebSocketURI
    let response: HTTP1Response
    let origin: String?
    let subprotocols: [String]
    let opinions: SecondOpinions

    private var status: Int { response.head.status }
    private var server: Intermediary? { Intermediary(response.head) }
    private func field(_ name: String) -> String? { response.head.fields.first(name) }

    /// What the checklist shows.
    var text: String {
        let phrase = ReasonPhrase.standard(for: status)
        let by = field("Server").map { ", from \($0.escapedForLog.prefix(40))" } ?? ""
        return "\(status)\(phrase.isEmpty ? "" : " \(phrase)")\(by)"
    }

    func fault() async -> Fault {
        if isPlainRequestToSocketIO { return .socketIO(words) }
        if [400, 403, 421, 426].contains(status), let fault = await ofComplaint() { return fault }
        switch status {
        case 200...299:
            return .upgradeIgnored(status, server: server, isSameForAll: await isAnswerToAll())
        case 300, 301, 302, 303, 307, 308:
            let location = field("Location") ?? ""
            let target = try? uri.resolving(location)
            return .redirect(to: location, secure: uri.isSecure ? nil : target.flatMap { $0.isSecure ? $0 : nil })
        case 400:
            return await ofOrigin() ?? .badRequest(words, server: server)
        case 401: return .unauthorized(response.head.fields.values(of: "WWW-Authenticate"))
        case 403: return await ofOrigin() ?? .forbidden(server)
        case 404, 410:
            return .notFound(uri.path, server: server, isSameForAll: await isAnswerToAll())
        case 405: return .methodNotAllowed(field("Allow"), server: server)
        case 414, 431: return .headTooLarge
        case 421: return .hostRefused(uri.hostHeader, words)
        case 426: return .upgradeStripped(words, server: server)
        case 429: return .tooManyRequests(field("Retry-After"))
        case 500: return .serverError
        case 502, 521, 523: return .badGateway(server)
        case 503: return .unavailable(field("Retry-After"))
        case 504, 522, 524: return .gatewayTimeout
        default: return .otherStatus(status, words)
        }
    }

    /// Engine.IO wants its version in the query, and frameworks around it refuse in words of their own when there is none.
    private var isPlainRequestToSocketIO: Bool {
        [400, 403, 404].contains(status) && uri.path.contains("/socket.io") && uri.query?.contains("EIO=") != true
    }

    private func ofComplaint() async -> Fault? {
        let versions = response.head.fields.values(of: "Sec-WebSocket-Version")
            .flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " } } }
        if !versions.isEmpty, !versions.contains("13") { return .version(versions, words) }
        switch Complaint(in: response) {
        case .tlsExpected: return .tlsPort(uri)
        case .clientCertificate: return .clientCertificate(words)
        case .socketIO: return .socketIO(words)
        case .keyMissing: return .keyMissing(words)
        case .keyMangled: return .keyMangled(words)
        case .version where versions.contains("13"), .versionMissing: return .versionMissing(words)
        case .version: return .version(versions, words)
        case .subprotocol: return .subprotocolNeeded(subprotocols, words)
        case .origin:
            return await ofOrigin() ?? (origin == nil ? .originNeeded(nil) : .originRefused(origin, accepted: nil))
        case .upgrade: return .upgradeStripped(words, server: server)
        case .host: return .hostRefused(uri.hostHeader, words)
        case nil: return nil
        }
    }

    /// Whether another origin, or none, makes the difference.
    private func ofOrigin() async -> Fault? {
        let own = opinions.ownOrigin
        guard let origin else {
            return await opinions.isAccepted(withOrigin: own) ? .originNeeded(own) : nil
        }
        if await opinions.isAccepted(withOrigin: nil) { return .originRefused(origin, accepted: "clients without one") }
        guard own != origin, await opinions.isAccepted(withOrigin: own) else { return nil }
        return .originRefused(origin, accepted: own)
    }

    /// Whether an ordinary GET is answered in the same way.
    private func isAnswerToAll() async -> Bool {
        guard let ordinary = await opinions.ordinaryAnswer() else { return false }
        return ordinary.head.status == status
    }

    /// What the server says about it.
    private var words: String {
        let text = String(decoding: response.body.prefix(400), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
            .first { !$0.isEmpty && !$0.hasPrefix("<") }
        return line.map { "It says: \(Excerpt(String($0)))." } ?? ""
    }
}
