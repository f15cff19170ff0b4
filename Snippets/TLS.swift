// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about TLS; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornWebSocket

// snippet.client
let device = ClientTLS(
    trustRoots: [.system, .pemFile("/etc/feed/ca.pem")],
    identity: .pemFiles(certificateChain: "/etc/feed/device.pem", privateKey: "/etc/feed/device.key"),
    serverName: "feed.example.com")

func listen() async throws {
    var configuration = WebSocketClient.Configuration()
    configuration.tls = device
    try await WebSocketClient.connect(to: "wss://192.0.2.7/feed", configuration: configuration) { connection in
        for try await message in connection { print(message) }
    }
}
// snippet.end

// snippet.server
func serve() async throws {
    let tls = try ServerTLS(
        identity: .pemFiles(certificateChain: "/etc/feed/server.pem", privateKey: "/etc/feed/server.key"))
    var configuration = WebSocketServer.Configuration()
    configuration.tls = tls
    let server = WebSocketServer(host: "0.0.0.0", port: 443, configuration: configuration) { connection in
        for try await message in connection { try await connection.send(message) }
    }
    try await server.run()
}
// snippet.end

// snippet.reload
func renew(_ tls: ServerTLS, at intervals: Duration = .seconds(3600)) async throws {
    while true {
        try await Task.sleep(for: intervals)
        do { try tls.reload() } catch { print("the old certificate stays: \(error)") }
    }
}
// snippet.end

// snippet.mutual
func onlyOurDevices() throws -> ServerTLS {
    try ServerTLS(
        identity: .pemFiles(certificateChain: "/etc/feed/server.pem", privateKey: "/etc/feed/server.key"),
        clientCertificates: .required(trustRoots: [.pemFile("/etc/feed/devices-ca.pem")]))
}
// snippet.end
