// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What tells a series from all others: its metric, and its labels in an order of their own.
struct SeriesIdentity: Sendable {
    let kind: MetricKind
    /// The metric's, within Prometheus' grammar and without the suffixes of samples.
    let name: String
    /// Such as `method="GET",status="2xx"`: sorted and escaped. Empty when there are none.
    let labels: String

    /// - Parameters:
    ///   - dimensions: in any order. Those whose names become the same are joined, with `;` between their values.
    ///   - constantLabels: stand in place of dimensions of the same name.
    init(
        _ kind: MetricKind, label: String, dimensions: [(String, String)], constantLabels: [(String, String)] = []
    ) {
        self.kind = kind
        name = Self.metricName(label, kind)
        var values: [String: String] = [:]
        for (name, value) in dimensions.sorted(by: <) {
            values[Self.labelName(name), default: ""] += value + ";"
        }
        for (name, value) in constantLabels { values[Self.labelName(name)] = value + ";" }
        labels = values.mapValues { $0.dropLast() }
            // For Prometheus an empty label is none, so two series that differ by it would be one.
            .filter { !$0.value.isEmpty }
            .sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    /// What it takes up in each line, in bytes.
    var size: Int { name.utf8.count + labels.utf8.count }
}

// MARK: - Grammar

extension SeriesIdentity {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the unit and without the suffix of a counter, which each format puts elsewhere.
    private static func metricName(_ label: String, _ kind: MetricKind) -> String {
        let name = sanitized(label, allowsColon: true)
        if let unit = kind.unit { return name.hasSuffix("_\(unit)") ? name : "\(name)_\(unit)" }
        let suffix = "_total"
        return kind == .counter && name.hasSuffix(suffix) && name != suffix ? String(name.dropLast(suffix.count)) : name
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, but for what Prometheus keeps for itself.
    private static func labelName(_ name: String) -> String {
        let name = sanitized(name, allowsColon: false)
        return name == "le" || name.hasPrefix("__") ? "label_\(name)" : name
    }

    private static func sanitized(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result = "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowsColon: result.unicodeScalars.append(scalar)
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }

    private static func escaped(_ value: Substring) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
