// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser
import Logging
import Testing

/// The options of uvicorn 0.54.0: what `uvicorn.main.main.params` lists, with the variables that click makes of them.
@Suite("uvicorn's options (P-01)")
struct UvicornOptionsTests {
    struct Option: Sendable, CustomTestStringConvertible {
        let name: String
        let variable: String
        /// As it would be written; `nil` for none.
        let standard: String?

        var testDescription: String { name }
    }

    static let options = [
        ("host", "UVICORN_HOST", "127.0.0.1"),
        ("port", "UVICORN_PORT", "8000"),
        ("uds", "UVICORN_UDS", nil),
        ("fd", "UVICORN_FD", nil),
        ("reload", "UVICORN_RELOAD", "false"),
        ("reload-dir", "UVICORN_RELOAD_DIRS", nil),
        ("reload-include", "UVICORN_RELOAD_INCLUDES", nil),
        ("reload-exclude", "UVICORN_RELOAD_EXCLUDES", nil),
        ("reload-delay", "UVICORN_RELOAD_DELAY", "0.25"),
        ("workers", "UVICORN_WORKERS", nil),
        ("loop", "UVICORN_LOOP", "auto"),
        ("http", "UVICORN_HTTP", "auto"),
        ("http2", "UVICORN_HTTP2", "false"),
        ("ws", "UVICORN_WS", "auto"),
        ("ws-max-size", "UVICORN_WS_MAX_SIZE", "16777216"),
        ("ws-max-queue", "UVICORN_WS_MAX_QUEUE", "32"),
        ("ws-ping-interval", "UVICORN_WS_PING_INTERVAL", "20.0"),
        ("ws-ping-timeout", "UVICORN_WS_PING_TIMEOUT", "20.0"),
        ("ws-per-message-deflate", "UVICORN_WS_PER_MESSAGE_DEFLATE", "true"),
        ("lifespan", "UVICORN_LIFESPAN", "auto"),
        ("interface", "UVICORN_INTERFACE", "auto"),
        ("env-file", "UVICORN_ENV_FILE", nil),
        ("log-config", "UVICORN_LOG_CONFIG", nil),
        ("log-level", "UVICORN_LOG_LEVEL", nil),
        ("access-log", "UVICORN_ACCESS_LOG", "true"),
        ("use-colors", "UVICORN_USE_COLORS", nil),
        ("proxy-headers", "UVICORN_PROXY_HEADERS", "true"),
        ("server-header", "UVICORN_SERVER_HEADER", "true"),
        ("date-header", "UVICORN_DATE_HEADER", "true"),
        ("forwarded-allow-ips", "UVICORN_FORWARDED_ALLOW_IPS", nil),
        ("root-path", "UVICORN_ROOT_PATH", ""),
        ("limit-concurrency", "UVICORN_LIMIT_CONCURRENCY", nil),
        ("backlog", "UVICORN_BACKLOG", "2048"),
        ("limit-max-requests", "UVICORN_LIMIT_MAX_REQUESTS", nil),
        ("limit-max-requests-jitter", "UVICORN_LIMIT_MAX_REQUESTS_JITTER", "0"),
        ("timeout-keep-alive", "UVICORN_TIMEOUT_KEEP_ALIVE", "5"),
        ("timeout-graceful-shutdown", "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", nil),
        ("timeout-worker-healthcheck", "UVICORN_TIMEOUT_WORKER_HEALTHCHECK", "5"),
        ("ssl-keyfile", "UVICORN_SSL_KEYFILE", nil),
        ("ssl-certfile", "UVICORN_SSL_CERTFILE", nil),
        ("ssl-keyfile-password", "UVICORN_SSL_KEYFILE_PASSWORD", nil),
        ("ssl-version", "UVICORN_SSL_VERSION", "17"),
        ("ssl-cert-reqs", "UVICORN_SSL_CERT_REQS", "0"),
        ("ssl-ca-certs", "UVICORN_SSL_CA_CERTS", nil),
        ("ssl-ciphers", "UVICORN_SSL_CIPHERS", nil),
        ("header", "UVICORN_HEADERS", nil),
        ("app-dir", "UVICORN_APP_DIR", ""),
        ("h11-max-incomplete-event-size", "UVICORN_H11_MAX_INCOMPLETE_EVENT_SIZE", nil),
        ("reset-contextvars", "UVICORN_RESET_CONTEXTVARS", "false"),
        ("factory", "UVICORN_FACTORY", "false"),
    ].map(Option.init)

    @Test("uvicorn's default is ours", arguments: options.filter { $0.standard != nil })
    func defaults(option: Option) throws {
        let standard = try #require(option.standard)
        for settings in [
            try ServerSettings(environment: [option.variable: standard]),
            try ServerSettings(commandLine: [option.name: [standard]], environment: [:]),
        ] {
            var settings = settings
            settings.python.given = []
            #expect(settings == ServerSettings())
        }
    }

    @Test("where uvicorn has no default, what it does is our default")
    func absentDefaults() {
        let settings = ServerSettings()
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 8000)])
        #expect(settings.reloading.directories.isEmpty && settings.reloading.includes.isEmpty)
        #expect(settings.reloading.excludes.isEmpty && settings.python.maximumIncompleteEvent == nil)
        #expect(settings.python.environmentFile == nil && settings.python.logConfiguration == nil)
        #expect(settings.processes.workers == 1)
        #expect(settings.logging.level == .info && settings.logging.colors == nil)
        #expect(settings.proxies.allowedAddresses == ["127.0.0.1", "::1"])
        #expect(settings.limits.concurrency == nil && settings.limits.requests == nil)
        #expect(!settings.tls.isOn && settings.tls.keyFile == nil && settings.tls.ciphers == nil)
        #expect(settings.http.fields.isEmpty)
        // The one deviation: a stop ends (P-38).
        #expect(settings.timeouts.gracefulShutdown == .seconds(10))
    }

    @Test("the command line has uvicorn's options", arguments: options)
    func names(option: Option) {
        #expect(HelpLine.all.contains { $0.name == option.name })
    }

    @Test("flags that uvicorn can turn round can be turned round")
    func inversions() throws {
        let flags = ["access-log", "use-colors", "proxy-headers", "server-header", "date-header"]
        #expect(throws: Never.self) { try ServeOptions.parse(flags.map { "--no-\($0)" }) }
        #expect(throws: (any Error).self) { try ServeOptions.parse(["--no-reload"]) }
    }
}
