// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import Benchmark

func deflateBenchmarks() {
    let message = json()

    Benchmark("deflate 1 KiB of JSON") { benchmark in
        let transform = PerMessageDeflate(sending: .init(maxWindowBits: 12), receiving: .init(maxWindowBits: 12))
        var output: [UInt8] = []
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            output.removeAll(keepingCapacity: true)
            transform.encode(message.span, endsMessage: true, into: &output)
            blackHole(output)
        }
        benchmark.stopMeasurement()
    }

    Benchmark("inflate 1 KiB of JSON") { benchmark in
        // Compressed by itself, so that it can be restored any number of times.
        let sender = PerMessageDeflate(
            sending: .init(maxWindowBits: 12, contextTakeover: false), receiving: .init())
        let transform = PerMessageDeflate(sending: .init(maxWindowBits: 12), receiving: .init(maxWindowBits: 12))
        var (compressed, output): ([UInt8], [UInt8]) = ([], [])
        sender.encode(message.span, endsMessage: true, into: &compressed)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            output.removeAll(keepingCapacity: true)
            var position = 0
            let progress = try transform.decode(
                compressed.span, from: &position, endsMessage: true, into: &output, capacity: 16_384)
            precondition(progress == .endOfMessage)
        }
        benchmark.stopMeasurement()
    }
}

/// An exchange's update: numbers that differ, names that recur.
private func json() -> [UInt8] {
    let levels = (0..<24).map {
        "{\"price\":\"\(10_125 + $0 * 37).\(($0 * 7919) % 100)\",\"size\":\"0.\($0 * 104_729 % 9973)\"}"
    }
    let text =
        "{\"type\":\"update\",\"symbol\":\"BTC-USD\",\"sequence\":904817,\"bids\":[\(levels.joined(separator: ","))]}"
    return Array(text.utf8.prefix(1024))
}
