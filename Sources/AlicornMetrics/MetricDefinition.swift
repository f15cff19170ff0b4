// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What swift-metrics does not say of a metric: its meaning in words, and how finely its values are told apart (P-35).
public struct MetricDefinition: Sendable, Hashable {
    /// As it is given to swift-metrics, such as `orders_placed`.
    public var label: String
    /// What it means, in one sentence.
    public var help: String
    /// For timers, in seconds, and for recorders that aggregate: upper bounds of the classes that values are counted in.
    /// `nil` for usual ones: from 100 µs to 60 s, and from 1 to 2^30.
    public var buckets: [Double]?

    /// A definition for ``PrometheusMetrics``.
    public init(_ label: String, help: String, buckets: [Double]? = nil) {
        self.label = label
        self.help = help
        self.buckets = buckets
    }
}

extension MetricDefinition {
    /// Of all metrics that Alicorn makes itself.
    static let alicorn = webSocket + http + server + [refusedSeries] + process

    private static let webSocket = [
        MetricDefinition("alicorn_websocket_connections", help: "WebSocket connections that are open."),
        MetricDefinition("alicorn_websocket_messages_received", help: "WebSocket messages that came in."),
        MetricDefinition("alicorn_websocket_messages_sent", help: "WebSocket messages that were sent."),
        MetricDefinition(
            "alicorn_websocket_bytes_received",
            help: "Bytes that came in on WebSocket connections, with the headers of frames, as compressed."),
        MetricDefinition(
            "alicorn_websocket_bytes_sent",
            help: "Bytes that were sent on WebSocket connections, with the headers of frames, as compressed."),
        MetricDefinition(
            "alicorn_websocket_unsent_bytes",
            help: "The most that waited unsent on one of a loop's WebSocket connections, in bytes, about each second."),
        MetricDefinition(
            "alicorn_websocket_ping_latency", help: "From a ping to its pong, and so to the peer and back, in seconds."),
        MetricDefinition(
            "alicorn_websocket_closes", help: "WebSocket connections that ended, by close code and by cause."),
        MetricDefinition(
            "alicorn_websocket_handshakes", help: "Opening handshakes of WebSocket, by what they came to."),
        MetricDefinition(
            "alicorn_websocket_handshake_refusals", help: "Opening handshakes of WebSocket that were refused, by cause."
        ),
    ]

    private static let http = [
        MetricDefinition(
            "alicorn_http_requests", help: "HTTP requests that were answered, by method and status class."),
        MetricDefinition(
            "alicorn_http_requests_abandoned", help: "HTTP requests whose client was gone before the answer was whole."),
        MetricDefinition("alicorn_http_requests_in_flight", help: "HTTP requests that are being answered."),
        MetricDefinition(
            "alicorn_http_request_duration",
            help: "From an HTTP request's head to the end of its answer, in seconds."),
        MetricDefinition("alicorn_http_response_bytes", help: "Bytes of the bodies of HTTP answers."),
    ]

    private static let server = [
        MetricDefinition("alicorn_limits_hit", help: "How often a limit of the server was hit, by limit."),
        MetricDefinition(
            "alicorn_lifespan_state", help: "1 for the state that the application's lifespan is in, 0 for the others."),
        MetricDefinition(
            "alicorn_lifespan_startup_seconds", help: "How long the application took to start, in seconds."),
        MetricDefinition(
            "alicorn_start_time_seconds",
            help: "When the server began to serve, in seconds since the Unix epoch."),
    ]

    /// Of what ``PrometheusMetrics`` did not take.
    static let refusedSeries = MetricDefinition(
        "alicorn_metrics_series_refused",
        help: "How often a series was not made: there are too many, its labels are too long, or its name is taken.")

    private static let process = [
        MetricDefinition("process_cpu_seconds", help: "Total user and system CPU time spent in seconds."),
        MetricDefinition("process_resident_memory_bytes", help: "Resident memory size in bytes."),
        MetricDefinition("process_open_fds", help: "Number of open file descriptors."),
        MetricDefinition("process_max_fds", help: "Maximum number of open file descriptors."),
        MetricDefinition(
            "process_start_time_seconds", help: "Start time of the process since unix epoch in seconds."),
    ]
}
