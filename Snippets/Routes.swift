// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about the way to a server; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornWebSocket

// snippet.proxy
func throughProxy() throws -> WebSocketClient.Configuration {
    var configuration = WebSocketClient.Configuration()
    configuration.proxy = .proxy(try ProxyAddress("socks5h://user:password@proxy.example.com:1080"))
    return configuration
}

func directly() -> WebSocketClient.Configuration {
    var configuration = WebSocketClient.Configuration()
    configuration.proxy = .direct
    return configuration
}
// snippet.end

// snippet.endpoint
func overUnixSocket() async throws {
    var configuration = WebSocketClient.Configuration()
    configuration.endpoint = .unix(path: "/run/feed.sock")
    try await WebSocketClient.connect(to: "ws://localhost/feed", configuration: configuration) { connection in
        for try await message in connection { print(message) }
    }
}
// snippet.end

// snippet.options
func fromOneAddress() -> WebSocketClient.Configuration {
    var configuration = WebSocketClient.Configuration()
    configuration.addressFamily = .ipv4
    configuration.localAddress = "192.0.2.15"
    return configuration
}
// snippet.end

// snippet.handler
final class Counter: WebSocketHandler {
    private var bytes = 0

    func received(_ kind: MessageKind, _ message: Span<UInt8>, on connection: CallbackConnection) {
        bytes += message.count
    }

    func closed(_ closure: Closure, _ connection: CallbackConnection) { print("\(bytes) bytes, then: \(closure)") }
}

func count() async throws {
    try await WebSocketClient.open("wss://feed.example.com/") { _ in Counter() }
}
// snippet.end
