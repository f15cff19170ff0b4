// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// Numbers that tell the connections of a process apart.
package enum ConnectionSerial {
    private static let last = Atomic<UInt64>(0)
    /// Sets the processes apart whose logs are read together.
    private static let seed = UInt64.random(in: .min ... .max)

    /// A number that no other connection of this process has. Costs one atomic addition; from any thread.
    package static func next() -> UInt64 {
        let count = last.add(1, ordering: .relaxed).newValue
        // Multiplying by an odd number maps 64 bits one to one; neighbours come out far apart, easy to tell by eye.
        return (seed &+ count) &* 0x9E37_79B9_7F4A_7C15
    }
}
