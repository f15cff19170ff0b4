// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Testing

/// Signals that come as soon as somebody wants to hear of them.
@Suite("Signals that are watched for", .timeLimit(.minutes(1)))
struct SignalWatchTests {
    @Test("one that comes right behind is heard: a server that is stopped as soon as it has started stops")
    func atOnce() async throws {
        for _ in 0..<200 {
            let watch = try SignalWatch(.user2)
            kill(getpid(), SIGUSR2)
            #expect(await watch.signals.first { _ in true } == .user2)
        }
    }
}
