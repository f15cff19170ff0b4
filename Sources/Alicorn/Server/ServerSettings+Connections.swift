// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornNIO
import AlicornProtocol
import AlicornWebSocket

extension ConnectionConfiguration {
    /// The limits and times of WebSocket connections (P-10, P-17).
    init(_ settings: ServerSettings) {
        self.init()
        let webSocket = settings.webSocket
        limits.maximumMessageSize = webSocket.maximumMessageSize
        limits.pingInterval = webSocket.pingInterval
        limits.pingTimeout = webSocket.pingTimeout
        limits.closeTimeout = webSocket.closeTimeout
        receiveQueueLimit = webSocket.maximumQueuedBytes
        receiveQueueCountLimit = webSocket.maximumQueuedMessages
    }
}

extension ServerSettings {
    /// How opening handshakes are judged; `nil` without WebSockets.
    func makeHandshake() throws -> ServerHandshake? {
        guard webSocket.implementation != .none else { return nil }
        return try ServerHandshake(
            origins: webSocket.allowedOrigins.map { Origins($0, check: .whenSent) },
            extensions: try webSocket.makeDeflate().map { [$0] } ?? [])
    }
}

extension ServerSettings.WebSocket {
    /// Compression with small windows, as uvicorn's (U-WS-55); `nil` for none. NIOWebSocket's codec has none.
    fileprivate func makeDeflate() throws -> ServerPerMessageDeflate? {
        guard compresses, implementation == .alicorn else { return nil }
        // That the window can be used was checked with the other settings.
        let window = WindowBits(exactly: windowBits)
        return ServerPerMessageDeflate(
            serverMaxWindowBits: window, clientMaxWindowBits: window,
            settings: CompressionSettings(
                level: compressionLevel, memoryLevel: memoryLevel, threshold: compressionThreshold))
    }
}

extension ServerSettings.TLS {
    /// The certificate, and what is asked of clients; `nil` for plain connections.
    func makeServerTLS() throws -> ServerTLS? {
        guard let certificateFile else { return nil }
        let identity = TLSIdentity.pemFiles(
            certificateChain: certificateFile, privateKey: keyFile ?? certificateFile, passphrase: keyPassword)
        return try ServerTLS(
            identity: identity, clientCertificates: wantedCertificates,
            maximumVersion: versions == .tls12 ? .tls12 : .tls13, cipherSuites: ciphers)
    }

    private var wantedCertificates: ServerTLS.ClientCertificates {
        // That there are roots was checked with the other settings.
        let roots = authorityFile.map { [TLSTrustRoots.pemFile($0)] } ?? []
        return switch clientCertificates {
        case .none: .ignored
        case .optional: .optional(trustRoots: roots)
        case .required: .required(trustRoots: roots)
        }
    }
}
