// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Benchmark

func textBenchmarks() {
    let ascii = Array(String(repeating: "{\"price\":101.25} ", count: 1024).utf8.prefix(16_384))
    // Two, three and four bytes a character, between ASCII; padded to a character's end.
    let mixed = Array(String(repeating: "naïve Ελλάδα 日本語 😀 text, ", count: 400).utf8.prefix(16_384))

    for (name, text) in [("ASCII", ascii), ("mixed text", mixed)] {
        Benchmark("validate 16 KiB of \(name)") { benchmark in
            var validator = UTF8Validator()
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                validator = UTF8Validator()
                blackHole(validator.firstInvalidByte(in: text.span, 0..<text.count))
            }
            benchmark.stopMeasurement()
        }

        Benchmark("standard library: validate 16 KiB of \(name)") { benchmark in
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(String(validating: text, as: UTF8.self)) }
            benchmark.stopMeasurement()
        }
    }
}
