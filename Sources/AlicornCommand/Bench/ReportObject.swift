// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// A report for programs: one JSON object, with the units in the names.
struct ReportObject: Encodable {
    struct Latency: Encodable {
        let mean, p50, p90, p99, p999, max: Double
    }

    let uri: String
    let mode: String
    let connections: Int
    let threads: Int
    let sizeBytes: Int
    let payload: String
    let isCompressed: Bool
    let pipeline: Int
    let rateWantedPerSecond: Double?
    let connectionsOpened: Int
    let openSeconds: Double
    let measuredSeconds: Double
    /// Messages, deliveries or handshakes.
    let measured: Int
    let measuredPerSecond: Double
    let megabytesPerSecond: Double?
    let messagesSent: Int
    let messagesReceived: Int
    let messagesUnsent: Int
    let messagesUnanswered: Int
    let latencyMicroseconds: Latency?
    let generatorCPUSeconds: Double
    let generatorCPUPercentOfACore: Double
    let errors: Int
    let errorSentences: [Mistakes.Entry]
    let warnings: [String]
    let isInterrupted: Bool

    init(_ report: LoadReport, uri: String) {
        let (plan, total) = (report.plan, report.total)
        self.uri = uri
        mode = plan.mode.rawValue
        connections = plan.connections
        threads = plan.threads
        sizeBytes = plan.size
        payload = plan.payload.rawValue
        isCompressed = plan.isCompressed
        pipeline = plan.pipeline
        rateWantedPerSecond = plan.rate
        connectionsOpened = total.opened
        openSeconds = report.openTime / .seconds(1)
        measuredSeconds = report.seconds
        measured = total.measured
        measuredPerSecond = report.perSecond
        megabytesPerSecond = plan.mode == .handshake ? nil : report.megabytesPerSecond
        messagesSent = total.sent
        messagesReceived = total.received
        messagesUnsent = total.unsent
        messagesUnanswered = total.unanswered
        latencyMicroseconds = total.measured == 0 ? nil : Latency(report)
        generatorCPUSeconds = report.cpuTime / .seconds(1)
        generatorCPUPercentOfACore = report.cpuShare
        errors = total.mistakes.count
        errorSentences = total.mistakes.entries
        warnings = report.warnings
        isInterrupted = report.isInterrupted
    }

    var text: String {
        let encoder = JSONEncoder.forPrograms()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder.text(of: self) ?? ""
    }
}

extension ReportObject.Latency {
    init(_ report: LoadReport) {
        func microseconds(_ duration: Duration) -> Double { duration / .microseconds(1) }
        mean = microseconds(report.mean)
        p50 = microseconds(report.latency(50))
        p90 = microseconds(report.latency(90))
        p99 = microseconds(report.latency(99))
        p999 = microseconds(report.latency(99.9))
        max = microseconds(report.longest)
    }
}
