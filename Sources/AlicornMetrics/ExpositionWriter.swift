// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Writes metrics in one of Prometheus' formats: each with its head, then its samples.
struct ExpositionWriter {
    let format: ExpositionFormat
    private(set) var bytes: [UInt8] = []

    init(_ format: ExpositionFormat) { self.format = format }

    /// Begins a metric.
    mutating func head(_ kind: MetricKind, _ name: String, help: String?) {
        // In OpenMetrics the suffix belongs to a counter's samples, in the older format to its name.
        let name = format == .text && kind == .counter ? "\(name)_total" : name
        if let help { line("# HELP \(name) \(escaped(help))") }
        line("# TYPE \(name) \(kind.typeName)")
        if format == .openMetrics, let unit = kind.unit { line("# UNIT \(name) \(unit)") }
    }

    /// A sample of the metric that was begun.
    ///
    /// - Parameter bound: the upper one, of a bucket.
    mutating func sample(_ identity: SeriesIdentity, _ suffix: String, upTo bound: Double? = nil, _ value: String) {
        let bucket = bound.map { "le=\"\(Self.text(bound: $0))\"" } ?? ""
        let comma = identity.labels.isEmpty || bucket.isEmpty ? "" : ","
        let isBare = identity.labels.isEmpty && bucket.isEmpty
        line(
            identity.name, suffix, isBare ? "" : "{", identity.labels, comma, bucket, isBare ? " " : "} ", value)
    }

    mutating func end() {
        if format == .openMetrics { line("# EOF") }
    }

    private mutating func line(_ pieces: String...) {
        for piece in pieces { bytes += piece.utf8 }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func escaped(_ help: String) -> String {
        var result = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where format == .openMetrics: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

// MARK: - Numbers

extension ExpositionWriter {
    /// A sample's value, without a point where it is whole.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        guard value.isFinite else { return value > 0 ? "+Inf" : "-Inf" }
        // Up to here each whole number is one.
        return value.magnitude < 0x1p53 && value.rounded() == value ? "\(Int64(value))" : "\(value)"
    }

    /// The bound of a bucket as Go writes it, `0.5`, `1.0`, `1e+06`: OpenMetrics wants the same digits of everybody, as they
    /// are a label.
    static func text(bound: Double) -> String {
        let text = bound.isFinite ? "\(bound)" : "+Inf"
        guard let point = text.firstIndex(of: "."), !text.contains("e"), bound >= 1e6 else { return text }
        var digits = text[..<point] + text[point...].dropFirst()
        while digits.last == "0" { digits.removeLast() }
        let exponent = text.distance(from: text.startIndex, to: point) - 1
        let fraction = digits.dropFirst()
        return "\(digits.prefix(1))\(fraction.isEmpty ? "" : ".\(fraction)")e+\(exponent < 10 ? "0" : "")\(exponent)"
    }
}
