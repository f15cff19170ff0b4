// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import ArgumentParser
import Foundation
import Logging

extension ClientOptions {
    /// What the options say. Made once, when the command runs: files are read for it, and ArgumentParser validates several times.
    ///
    /// - Throws: `ValidationError` with the option that nothing can be made of.
    func configuration() throws -> WebSocketClient.Configuration {
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = subprotocol.flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        configuration.origin = origin
        if let userAgent { configuration.userAgent = userAgent }
        configuration.additionalFields = try fields()
        configuration.tls = try tls()
        if noProxy { configuration.proxy = .direct }
        if let proxy { configuration.proxy = .proxy(try Self.checked { try ProxyAddress(proxy) }) }
        if let uds { configuration.endpoint = .unix(path: uds) }
        if let connectTo { configuration.endpoint = try Self.endpoint(connectTo) }
        if ipv4 { configuration.addressFamily = .ipv4 }
        if ipv6 { configuration.addressFamily = .ipv6 }
        if noDeflate { configuration.deflate = nil }
        configuration.connection.openTimeout = openTimeout.duration
        // What happens is told by the command, once.
        configuration.logger = Logger(label: "alicorn") { _ in SwiftLogNoOpLogHandler() }
        return configuration
    }

    private func fields() throws -> [HeaderField] {
        var fields: [HeaderField] = []
        for text in header {
            guard let colon = text.firstIndex(of: ":") else {
                throw ValidationError("--header \(Excerpt(text)) is not Name: Value")
            }
            fields.append(
                HeaderField(
                    name: String(text[..<colon]),
                    value: text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
        }
        if !cookie.isEmpty { fields.append(HeaderField(name: "Cookie", value: cookie.joined(separator: "; "))) }
        if let authorization = try authorization() {
            fields.append(HeaderField(name: "Authorization", value: authorization))
        }
        return fields
    }

    private func authorization() throws -> String? {
        if let bearer {
            guard bearer.hasPrefix("@") else { return "Bearer \(bearer)" }
            let path = String(bearer.dropFirst())
            // Read as it comes: it may be a pipe.
            guard let data = try? FileHandle(forReadingAtPath: path)?.readToEnd(),
                let text = String(data: data, encoding: .utf8)
            else {
                throw ValidationError("--bearer \(Excerpt(bearer)): the file cannot be read")
            }
            return "Bearer \(text.trimmingCharacters(in: .whitespacesAndNewlines))"
        }
        guard let user else { return nil }
        guard let colon = user.firstIndex(of: ":") else {
            throw ValidationError("--user must be a name and a password with a colon between")
        }
        return try Self.checked {
            try BasicCredentials(
                username: String(user[..<colon]), password: String(user[user.index(after: colon)...])
            ).authorization
        }
    }

    private func tls() throws -> ClientTLS {
        let identity = cert.map { TLSIdentity.pemFiles(certificateChain: $0, privateKey: key ?? $0) }
        if insecure { return .insecureWithoutVerification(identity: identity, serverName: serverName) }
        return ClientTLS(
            trustRoots: ca.isEmpty ? [.system] : ca.map { .pemFile($0) }, identity: identity, serverName: serverName)
    }

    private static func endpoint(_ text: String) throws -> WebSocketClient.Endpoint {
        // An address of ours has the same form between scheme and path.
        let uri = try checked { try WebSocketURI("ws://\(text)") }
        return .tcp(host: uri.host, port: uri.port)
    }

    private static func checked<Value>(_ make: () throws -> Value) throws -> Value {
        do { return try make() } catch { throw ValidationError("\(error)") }
    }
}
