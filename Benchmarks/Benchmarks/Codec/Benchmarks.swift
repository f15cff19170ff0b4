// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Benchmark

/// The codec, piece by piece. Names say what one iteration does.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput, .mallocCountTotal], scalingFactor: .kilo, maxDuration: .seconds(2)
    )

    // The yardstick of unmasking, which has to reach 0.7 of its bandwidth.
    Benchmark("copy 16 KiB") { benchmark in
        let source = [UInt8](repeating: 0x5A, count: 16_384)
        var destination = [UInt8](repeating: 0, count: 16_384)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            destination.withUnsafeMutableBytes { to in source.withUnsafeBytes { from in to.copyMemory(from: from) } }
            blackHole(destination.count)
        }
        benchmark.stopMeasurement()
    }

    Benchmark("find a header field by name") { benchmark in
        var fields = HeaderFields()
        try fields.append(name: "Host", value: "example.com")
        try fields.append(name: "Upgrade", value: "websocket")
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(fields.first("upgrade")) }
        benchmark.stopMeasurement()
    }
}
