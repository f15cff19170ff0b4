// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornDeflate
import AlicornProtocol
import AlicornTransport
import CPython

/// By what rules an application in Python is served: what the package has made of its options.
final class PythonSettings {
    private(set) var configuration = ASGIConfiguration()
    private(set) var webSocket = WebSocketSettings()
    let logLevel: ServerLogLevel
    let writesAccess: Bool
    /// Whether lines on WebSockets are lines of the access log, or, as with uvicorn, of the server's (P-27).
    let hasWebSocketsInAccessLog: Bool
    let accessStyle: AccessStyle
    /// `nil` when nobody counts.
    let metrics: PythonMetrics?
    /// The path at which the metrics are shown, and the application that does so.
    let metricsPath: String?
    private let metricsPage: Owned
    /// Whether applications hear of a lost connection by 1005, as from uvicorn (P-13).
    let lossIsWithoutCode: Bool
    /// The version of ASGI that applications are called by (U-H-02).
    let asgiVersion: String
    /// What context variables a request's application sees.
    let surroundings: Asyncio.Surroundings
    private let state: Owned?
    /// Whether an application is cancelled whose client goes while it neither receives nor sends.
    let cancelsOnDisconnect: Bool
    /// What tasks are told that are cancelled because of that, and at the end.
    let goneMessage, cutMessage: Owned

    /// - Throws: ``PythonError`` for what is missing or of another type, which is the package's fault.
    init(_ options: Options) throws(PythonError) {
        logLevel = ServerLogLevel("\(try options.number("log_level") ?? 20)") ?? .critical
        writesAccess = try options.flag("access_log")
        hasWebSocketsInAccessLog = try options.flag("access_log_websockets")
        accessStyle = AccessStyle(
            format: try Self.accessFormat(options), hasFields: try options.flag("access_log_fields"))
        metrics = try PythonMetrics.given(try options.object("metrics"))
        metricsPath = try options.text("metrics_path")
        metricsPage = Owned(sharing: try options.object("metrics_page") ?? none)
        lossIsWithoutCode = try options.flag("loss_is_1005")
        asgiVersion = try options.text("asgi_version") ?? ASGIVersion.base
        surroundings = try options.flag("reset_contextvars") ? .empty : .server
        if let given = try options.object("state") { state = Owned(sharing: given) } else { state = nil }
        cancelsOnDisconnect = try options.flag("cancel_on_disconnect")
        goneMessage = try Owned(makeText("Task cancelled, the client has disconnected"))
        cutMessage = try Owned(makeText("Task cancelled, timeout graceful shutdown exceeded"))
        configuration.logsAccessAtEnd = accessStyle.needsEnd
        configuration.measuresTime = accessStyle.needsEnd || metrics != nil
        configuration.rootPath = try options.text("root_path") ?? ""
        configuration.isSecure = try options.flag("is_secure")
        configuration.concurrencyLimit = try options.number("limit_concurrency")
        configuration.webSocketLimit = try options.number("limit_websockets")
        configuration.requestLimit = try options.number("limit_max_requests")
        configuration.limits.requestBody = try options.number("limit_body")
        if let head = try options.number("limit_header_size") {
            configuration.limits.head = head
            configuration.limits.startLine = head
            configuration.limits.fieldLine = head
        }
        if let fields = try options.number("limit_headers") { configuration.limits.fields = fields }
        configuration.clients.connectionsPerClient = try options.number("limit_connections_per_client")
        configuration.clients.handshakes = try options.number("limit_handshake_rate").map { EventRate($0) }
        configuration.clients.handshakesPerClient = try options.number("limit_client_handshake_rate").map {
            EventRate($0)
        }
        configuration.times = HTTPServerTimes(
            head: try options.duration("timeout_head") ?? .seconds(Int64.max),
            body: try options.duration("timeout_body") ?? .seconds(Int64.max),
            idle: try options.duration("timeout_keep_alive") ?? .seconds(5), linger: .seconds(5))
        configuration.openTimeout = try options.duration("ws_open_timeout")
        var additional = HeaderFields()
        for (name, value) in try options.pairs("headers") {
            do throws(InvalidHeaderField) { try additional.append(name: name.lowercased(), value: value) } catch {
                throw raise(PyExc_ValueError, "\(error)")
            }
        }
        configuration.defaultFields = DefaultFields(
            server: try options.text("server"), hasDate: try options.flag("date_header"), additional: additional)
        try readWebSocket(options)
        try readProxies(options)
    }

    /// What each scope gets a copy of; `nil` where there is none.
    var stateObject: Object? {
        switch state {
        case .some(let state): state.object
        case nil: nil
        }
    }

    /// The application that shows the metrics, for a request that is for them.
    func metricsPage(for path: @autoclosure () -> String) -> Object? {
        guard let metricsPath, path() == metricsPath else { return nil }
        return metricsPage.object
    }

    private static func accessFormat(_ options: Options) throws(PythonError) -> AccessLogFormat? {
        guard let text = try options.text("access_log_format") else { return nil }
        do throws(InvalidAccessLogFormat) { return try AccessLogFormat(text) } catch {
            throw raise(PyExc_ValueError, "access_log_format: \(error).")
        }
    }

    private func readWebSocket(_ options: Options) throws(PythonError) {
        webSocket.limits.maximumMessageSize = try options.number("ws_max_size")
        webSocket.limits.pingInterval = try options.duration("ws_ping_interval")
        webSocket.limits.pingTimeout = try options.duration("ws_ping_timeout")
        if let timeout = try options.duration("ws_close_timeout") { webSocket.limits.closeTimeout = timeout }
        webSocket.maximumQueuedMessages = try options.number("ws_max_queue") ?? .max
        webSocket.maximumQueuedBytes = try options.number("ws_max_queue_bytes") ?? .max
        guard try options.flag("ws") else { return }
        do {
            let origins = try options.texts("ws_allowed_origins")?.map { try OriginPattern($0) }
            configuration.allowedOrigins = origins?.map { "\($0)" } ?? []
            configuration.handshake = try ServerHandshake(
                origins: origins.map { Origins($0, check: .whenSent) },
                extensions: try options.flag("ws_per_message_deflate") ? [try Self.deflate(options)] : [])
        } catch let error as PythonError {
            throw error
        } catch {
            throw raise(PyExc_ValueError, "\(error)")
        }
    }

    private static func deflate(_ options: Options) throws(PythonError) -> ServerPerMessageDeflate {
        let window = WindowBits(exactly: try options.number("ws_deflate_window_bits") ?? 12)
        return ServerPerMessageDeflate(
            serverMaxWindowBits: window, clientMaxWindowBits: window,
            settings: CompressionSettings(
                level: try options.number("ws_deflate_level") ?? 6,
                memoryLevel: try options.number("ws_deflate_memory_level") ?? 5,
                threshold: try options.number("ws_deflate_threshold") ?? 64))
    }

    private func readProxies(_ options: Options) throws(PythonError) {
        if let allowed = try options.texts("forwarded_allow_ips") {
            let fields: TrustedForwarding.Fields =
                try options.text("forwarded_header") == "forwarded" ? .forwarded : .xForwarded
            configuration.forwarding = TrustedProxies.reading(allowed).proxies.map {
                TrustedForwarding(fields, from: $0)
            }
        }
        if let proxies = try options.texts("proxy_protocol") {
            configuration.proxyProtocol = TrustedProxies.reading(proxies).proxies
        }
    }
}

/// Limits and times of WebSocket connections.
struct WebSocketSettings {
    var limits = ProtocolConfiguration()
    /// Messages that wait for the application before reading stops.
    var maximumQueuedMessages = 32
    /// Bytes that do.
    var maximumQueuedBytes = 1 << 20
    /// How long nothing may move towards a peer that reads nothing, before the connection is cut.
    var writeTimeout: Duration = .seconds(30)
    /// Unsent bytes at which a connection that is sent to without waiting is cut.
    var maximumUnsentBytes = 64 << 20
}
