// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a metric is in Prometheus.
enum MetricKind: Sendable, Hashable {
    case counter
    case gauge
    case histogram
    /// A histogram in seconds. Apart from others, as it is fed with nanoseconds.
    case durations

    /// As it stands in a line `# TYPE`.
    var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram, .durations: "histogram"
        }
    }

    /// As it stands in a line `# UNIT`, and behind the name.
    var unit: String? { self == .durations ? "seconds" : nil }

    /// What may stand behind a metric's name in either format. No two metrics may have a name in common that one of these
    /// makes, or a reader takes the samples of one for those of the other.
    var suffixes: [String] {
        switch self {
        case .counter: ["", "_total", "_created"]
        case .gauge: [""]
        case .histogram, .durations: ["", "_bucket", "_sum", "_count", "_created"]
        }
    }

    /// Upper bounds where nothing better is known of what is measured, in the unit that is shown.
    var defaultBuckets: [Double] {
        switch self {
        case .counter, .gauge: []
        // By factors of 4 up to 2^30: counts of things, and bytes.
        case .histogram: (0...15).map { Double(1 << (2 * $0)) }
        // What a request takes, from one that a cache answers to one that hits a gateway's usual time limit.
        case .durations:
            [
                0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
            ]
        }
    }
}
