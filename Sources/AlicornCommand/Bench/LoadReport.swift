// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Histogram

/// What a run came to.
struct LoadReport {
    let plan: LoadPlan
    var total = Tally()
    /// Until all connections were open.
    var openTime = Duration.zero
    /// What was measured; shorter than planned when the run was ended early.
    var measuredTime = Duration.zero
    /// What this process had of the processors in that time.
    var cpuTime = Duration.zero
    var isInterrupted = false

    init(_ plan: LoadPlan) { self.plan = plan }

    /// The command's exit status.
    var status: Int32 {
        if isInterrupted { return 130 }
        if total.opened == 0 { return 1 }
        return total.mistakes.count > 0 ? 3 : 0
    }

    var seconds: Double { measuredTime / .seconds(1) }

    var perSecond: Double { seconds > 0 ? Double(total.measured) / seconds : 0 }

    /// Payload in one direction, in megabytes a second.
    var megabytesPerSecond: Double { perSecond * Double(plan.size) / 1e6 }

    /// Of one processor core, in percent.
    var cpuShare: Double { measuredTime > .zero ? cpuTime / measuredTime * 100 : 0 }

    /// Whether this program may have been what was slow.
    var isBottleneck: Bool { cpuShare > 90 * Double(plan.threads) }

    func latency(_ percentile: Double) -> Duration {
        .nanoseconds(Int64(clamping: total.latencies.valueAtPercentile(percentile)))
    }
    var mean: Duration { .nanoseconds(Int64(total.latencies.mean)) }
    var longest: Duration { .nanoseconds(Int64(clamping: total.latencies.maxRecorded)) }

    /// What should be known of the figures, in sentences.
    var warnings: [String] {
        var warnings: [String] = []
        if isBottleneck {
            warnings.append(
                "This program used \(cpuShare.shown(decimals: 0)) % of a core, of \(plan.threads * 100) % that it may: it may be what "
                    + "was slow. More --threads help, where there are cores for them.")
        }
        if total.unsent > 0 {
            warnings.append(
                "\(total.unsent.shown) messages that were due by --rate were not sent until the end, and are in no figure: the "
                    + "server does not keep up, or has lost connections.")
        }
        return warnings
    }
}
