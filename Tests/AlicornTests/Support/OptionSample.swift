// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import Logging
import Testing

/// An option, a value other than its default, and the setting that it makes.
struct OptionSample: Sendable, CustomTestStringConvertible {
    let name: String
    let value: String
    /// Whether the command line has it as a flag, and it may be turned round with `--no-`.
    var isFlag = false
    let isSet: @Sendable (ServerSettings) -> Bool

    var testDescription: String { name }

    init(_ name: String, _ value: String, _ isSet: @escaping @Sendable (ServerSettings) -> Bool) {
        (self.name, self.value, self.isSet) = (name, value, isSet)
    }

    init(flag name: String, _ value: Bool, _ isSet: @escaping @Sendable (ServerSettings) -> Bool) {
        (self.name, self.value, self.isSet, isFlag) = (name, "\(value)", isSet, true)
    }

    var arguments: [String] {
        guard isFlag else { return ["--\(name)", value] }
        return [value == "true" ? "--\(name)" : "--no-\(name)"]
    }

    func variable(_ prefix: String) -> String { prefix + name.uppercased().replacing("-", with: "_") }

    /// All options but those on files, which must exist, and `--config`.
    static let all: [OptionSample] = [
        .init("host", "0.0.0.0") { $0.listening.addresses == [.tcp(host: "0.0.0.0", port: 8000)] },
        .init("port", "80") { $0.listening.addresses == [.tcp(host: "127.0.0.1", port: 80)] },
        .init("uds", "/run/a.sock") { $0.listening.addresses == [.unix(path: "/run/a.sock")] },
        .init("fd", "3") { $0.listening.addresses == [.descriptor(3)] },
        .init("bind", "[::1]:8000") { $0.listening.addresses == [.tcp(host: "::1", port: 8000)] },
        .init("backlog", "16") { $0.listening.backlog == 16 },
        .init("uds-permissions", "0o660") { $0.listening.socketPermissions == 0o660 },
        .init("lifespan", "off") { $0.application.lifespan == .off },
        .init("compat", "uvicorn") { $0.application.compatibility == .uvicorn },
        .init("root-path", "/api") { $0.http.rootPath == "/api" },
        .init(flag: "server-header", false) { !$0.http.sendsServer },
        .init(flag: "date-header", false) { !$0.http.sendsDate },
        .init("header", "X-A:b") { $0.http.fields == [HeaderField(name: "X-A", value: "b")] },
        .init("ws", "none") { $0.webSocket.implementation == .none },
        .init("ws-max-size", "1000") { $0.webSocket.maximumMessageSize == 1000 },
        .init("ws-max-queue", "3") { $0.webSocket.maximumQueuedMessages == 3 },
        .init("ws-max-queue-bytes", "4096") { $0.webSocket.maximumQueuedBytes == 4096 },
        .init("ws-ping-interval", "0.5") { $0.webSocket.pingInterval == .milliseconds(500) },
        .init("ws-ping-timeout", "none") { $0.webSocket.pingTimeout == nil },
        .init("ws-per-message-deflate", "false") { !$0.webSocket.compresses },
        .init("ws-deflate-level", "1") { $0.webSocket.compressionLevel == 1 },
        .init("ws-deflate-window-bits", "15") { $0.webSocket.windowBits == 15 },
        .init("ws-deflate-memory-level", "9") { $0.webSocket.memoryLevel == 9 },
        .init("ws-deflate-threshold", "0") { $0.webSocket.compressionThreshold == 0 },
        .init("ws-allowed-origins", "https://a.example,null") {
            $0.webSocket.allowedOrigins == (try? [OriginPattern("https://a.example"), OriginPattern("null")])
        },
        .init("ws-open-timeout", "1") { $0.webSocket.openTimeout == .seconds(1) },
        .init("ws-close-timeout", "2") { $0.webSocket.closeTimeout == .seconds(2) },
        .init("limit-concurrency", "7") { $0.limits.concurrency == 7 },
        .init("limit-max-requests", "8") { $0.limits.requests == 8 },
        .init("limit-websockets", "9") { $0.limits.webSockets == 9 },
        .init("limit-connections-per-client", "10") { $0.limits.connectionsPerClient == 10 },
        .init("limit-handshake-rate", "11") { $0.limits.handshakes == EventRate(11) },
        .init("limit-client-handshake-rate", "12") { $0.limits.handshakesPerClient == EventRate(12) },
        .init("limit-body", "13") { $0.limits.body == 13 },
        .init("limit-header-size", "2048") { $0.limits.head == 2048 },
        .init("limit-headers", "14") { $0.limits.fields == 14 },
        .init("timeout-head", "1.5") { $0.timeouts.head == .milliseconds(1500) },
        .init("timeout-body", "none") { $0.timeouts.body == nil },
        .init("timeout-keep-alive", "0") { $0.timeouts.keepAlive == .zero },
        .init("timeout-graceful-shutdown", "none") { $0.timeouts.gracefulShutdown == nil },
        .init("timeout-worker-healthcheck", "6") { $0.timeouts.workerHealthcheck == .seconds(6) },
        .init("ssl-keyfile-password", "12345") { $0.tls.keyPassword == "12345" },
        .init("ssl-version", "5") { $0.tls.versions == .tls12 },
        .init("ssl-ciphers", "AES128-SHA:RC4") { $0.tls.ciphers?.names == ["AES128-SHA"] },
        .init(flag: "ssl-reload", false) { !$0.tls.reloads },
        .init(flag: "proxy-headers", false) { !$0.proxies.readsFields && $0.proxies.forwarding == nil },
        .init("forwarded-allow-ips", "10.0.0.0/8, ::1") { $0.proxies.allowedAddresses == ["10.0.0.0/8", "::1"] },
        .init("forwarded-header", "forwarded") { $0.proxies.fields == .forwarded },
        .init("proxy-protocol", "10.0.0.1,unix") {
            $0.proxies.protocolHeader == (try? TrustedProxies(["10.0.0.1", "unix"]))
        },
        .init("workers", "4") { $0.processes.workers == 4 },
        .init("threads", "2") { $0.processes.threads == 2 },
        .init("engine", "nio") { $0.processes.engine == .nio },
        .init("log-level", "trace") { $0.logging.level == .trace },
        .init(flag: "access-log", false) { !$0.logging.access },
        .init(flag: "use-colors", false) { $0.logging.colors == false },
        .init("log-format", "json") { $0.logging.format == .json },
        .init("access-log-format", "%(h)s %(s)s") { $0.logging.accessFormat == "%(h)s %(s)s" },
        .init("metrics-path", "/m") { $0.metrics.path == "/m" && $0.metrics.port == nil },
        .init("metrics-port", "9090") { $0.metrics.port == 9090 && $0.metrics.path == "/metrics" },
        .init("app-dir", "src") { $0.python.applicationDirectory == "src" },
        .init(flag: "factory", true) { $0.python.isFactory && $0.python.given.contains("--factory") },
        .init("interface", "wsgi") { $0.python.interface == .wsgi },
        .init("loop", "m:f") { $0.python.loop == "m:f" },
        .init("http", "h11") { $0.python.http == "h11" },
        .init(flag: "http2", true) { $0.python.http2 },
        .init("h11-max-incomplete-event-size", "5") { $0.python.maximumIncompleteEvent == 5 },
        .init(flag: "reset-contextvars", true) { $0.python.resetsContextVariables },
        .init(flag: "cancel-on-disconnect", true) { $0.python.cancelsOnDisconnect },
        .init(flag: "reload", true) { $0.reloading.isOn },
        .init("reload-dir", "/tmp") { $0.reloading.directories == ["/tmp"] },
        .init("reload-include", "*.html") { $0.reloading.includes == ["*.html"] },
        .init("reload-exclude", "*.tmp") { $0.reloading.excludes == ["*.tmp"] },
        .init("reload-delay", "1") { $0.reloading.delay == .seconds(1) },
    ]

    /// Options that hide what others set.
    static let alone: Set<String> = ["port", "uds", "fd", "bind", "metrics-port"]

    /// Options that count only beside another, and those on files.
    static let others: Set<String> = [
        "config", "metrics-host", "limit-max-requests-jitter", "ssl-cert-reqs", "ssl-certfile", "ssl-keyfile",
        "ssl-ca-certs", "env-file", "log-config",
    ]
}
