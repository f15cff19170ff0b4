// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The forms in which Prometheus reads metrics.
enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format, version 0.0.4.
    case text
    /// OpenMetrics, version 1.0.
    case openMetrics

    /// What a client that sends this `Accept` gets: OpenMetrics if it names that and does not like the text better.
    init(accept: String?) {
        let ranges = (accept ?? "").split(separator: ",").map { MediaRange($0) }
        func quality(_ version: String, _ types: Set<String>) -> Double {
            ranges.filter { types.contains($0.type) && ($0.version ?? version) == version }.map(\.quality).max() ?? 0
        }
        let openMetrics = quality("1.0.0", ["application/openmetrics-text"])
        let text = quality("0.0.4", ["text/plain", "text/*", "*/*"])
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
    }

    var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }
}

/// One of the types in `Accept` (RFC 9110 §12.5.1), as far as it matters here. What is malformed is not liked at all.
private struct MediaRange {
    let type: String
    let version: String?
    let quality: Double

    init(_ text: Substring) {
        var parts = text.split(separator: ";").map { $0.lowercased().filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        type = parts.isEmpty ? "" : parts.removeFirst()
        func parameter(_ name: String) -> String? {
            parts.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        version = parameter("version")
        quality = parameter("q").map { Double($0) ?? 0 } ?? 1
    }
}
