// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A report for people.
struct ReportTable {
    let report: LoadReport
    /// The server's address.
    let uri: String
    let hasColors: Bool

    var text: String {
        var parts = [[headline], rows.map { "\(labelled($0))\($1)" }]
        if report.total.measured > 0 { parts.append(LatencyBars(report.total.latencies).lines()) }
        parts.append(problems.map { $0.colored(.red, if: hasColors) })
        parts.append(report.warnings.map { $0.colored(.yellow, if: hasColors) })
        let blocks = parts.enumerated().map { index, lines in
            lines.map { index == 0 ? $0 : "  \($0)" }.joined(separator: "\n")
        }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func labelled(_ name: String) -> String {
        (name + String(repeating: " ", count: max(1, 14 - name.count))).colored(.gray, if: hasColors)
    }

    private var plan: LoadPlan { report.plan }

    private var headline: String {
        var parts = ["\(plan.mode.rawValue) with \(plan.connections.shown) connections to \(uri)"]
        if plan.mode != .handshake {
            let compression = plan.isCompressed ? ", compressed" : ""
            parts.append("\(plan.size.shown) bytes of \(plan.payload.rawValue)\(compression)")
            parts.append(
                plan.rate.map { "\($0.shown(decimals: 0)) messages/s" } ?? "\(plan.pipeline) in flight on each")
        }
        return parts.joined(separator: ", ")
    }

    private var rows: [(String, String)] {
        let total = report.total
        var rows = [
            (plan.mode.unit, "\(total.measured.shown) in \(report.seconds.shown(decimals: 2)) s"),
            ("rate", "\(Int(report.perSecond).shown) \(plan.mode.unit)/s\(volume)"),
        ]
        if total.measured > 0 {
            let percentiles = [(50, "p50"), (90, "p90"), (99, "p99"), (99.9, "p99.9")]
                .map { "\($1) \(report.latency($0).shown)" }
            rows.append(("latency", "mean \(report.mean.shown), max \(report.longest.shown)"))
            rows.append(("", percentiles.joined(separator: ", ")))
        }
        let seconds = (report.cpuTime / .seconds(1)).shown(decimals: 2)
        rows.append(("connections", "\(total.opened.shown) opened, in \(report.openTime.shown)"))
        rows.append(("own CPU", "\(seconds) s, \(report.cpuShare.shown(decimals: 0)) % of a core"))
        rows.append(("errors", total.mistakes.count.shown))
        return rows
    }

    private var volume: String {
        switch plan.mode {
        case .handshake: ""
        case .echo: ", \(report.megabytesPerSecond.shown(decimals: 2)) MB/s each way"
        case .broadcast: ", \(report.megabytesPerSecond.shown(decimals: 2)) MB/s"
        }
    }

    private var problems: [String] {
        let mistakes = report.total.mistakes
        return mistakes.entries.map { "\($0.count.shown) × \($0.sentence)" }
            + (mistakes.others > 0 ? ["\(mistakes.others.shown) × something else"] : [])
    }
}
