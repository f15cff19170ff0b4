// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Benchmark

/// The codec, piece by piece. Names say what one iteration does; `scripts/bench micro` compares some of them by name.
let benchmarks: @Sendable () -> Void = {
    // Throughput, because the format that scripts/bench reads is not written without it.
    Benchmark.defaultConfiguration = .init(
        metrics: [.throughput, .wallClock], scalingFactor: .kilo, maxDuration: .milliseconds(1500),
        maxIterations: 20_000
    )
    frameBenchmarks()
    textBenchmarks()
    httpBenchmarks()
    deflateBenchmarks()
}
