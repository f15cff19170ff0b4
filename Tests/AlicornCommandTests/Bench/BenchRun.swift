// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

/// A run of `alicorn bench`, and the figures that it prints for programs.
struct BenchRun {
    let command: RunningCommand

    /// - Parameter options: beside a short run and figures for programs.
    static func start(_ uri: String, _ options: String..., seconds: String = "0.3") throws -> Self {
        let timing = ["--duration", seconds, "--warm-up", "0", "--json"]
        return Self(command: try RunningCommand(["bench", uri] + timing + options))
    }

    /// Waits for its end.
    ///
    /// - Parameter status: what it has to end with.
    func figures(status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Figures {
        let line = try #require(await command.nextLine(), "\(command.complaint)", sourceLocation: sourceLocation)
        #expect(await command.nextLine() == nil, sourceLocation: sourceLocation)
        #expect(await command.status() == status, "\(line)", sourceLocation: sourceLocation)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Figures.self, from: Data(line.utf8))
    }

    struct Figures: Decodable {
        struct Latency: Decodable {
            let mean, p50, p90, p99, p999, max: Double
        }

        struct Mistake: Decodable {
            let sentence: String
            let count: Int
        }

        let connectionsOpened: Int
        let measured: Int
        let measuredSeconds, measuredPerSecond: Double
        let messagesSent, messagesReceived, messagesUnsent, messagesUnanswered: Int
        let latencyMicroseconds: Latency?
        let errors: Int
        let errorSentences: [Mistake]
        let isInterrupted, isCompressed: Bool
        let generatorCpuSeconds: Double

        /// How often that went wrong.
        func count(of sentence: String) -> Int {
            errorSentences.filter { $0.sentence.contains(sentence) }.reduce(0) { $0 + $1.count }
        }
    }
}
