// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Histogram

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The last line of the terminal, while a run lasts: what the last second was like.
struct LiveLine {
    private let hasColors: Bool
    private let unit: String
    private let count: (Tally) -> Int

    /// - Returns: `nil` when standard error is no terminal, or one that can do nothing.
    init?(_ plan: LoadPlan, colors: ColorChoice, environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return nil }
        hasColors = colors.isOn(on: STDERR_FILENO, environment: environment)
        unit = plan.mode.unit
        count = plan.mode == .handshake ? { $0.opened } : { $0.received }
    }

    func show(_ second: Second, alive: Int, mistakes: Int) {
        let p99 = Duration.nanoseconds(Int64(clamping: second.tally.latencies.valueAtPercentile(99))).shown
        let latency = second.tally.measured > 0 ? "p99 \(p99)" : "warming up"
        let errors = "\(mistakes.shown) errors".colored(.red, if: hasColors && mistakes > 0)
        let rate = "\(count(second.tally).shown) \(unit)/s".colored(.cyan, if: hasColors)
        write("\r\u{1B}[K\(rate)  \(latency)  \(alive.shown) connections  \(errors)")
    }

    /// Leaves nothing behind.
    func end() { write("\r\u{1B}[K") }

    private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
