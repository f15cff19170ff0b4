// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Waiting for several descriptors at once.
enum Readiness {
    /// Waits until one of the descriptors can be read or is at its end, or until the deadline.
    ///
    /// - Returns: those that can be read.
    static func wait(for descriptors: [Int32], until deadline: Timestamp) -> Set<Int32> {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let left = max(0, deadline.nanoseconds - Timestamp.now.nanoseconds)
        // Rounded up, as waking a moment too early would only mean another turn.
        let milliseconds = Int32(clamping: (left + 999_999) / 1_000_000)
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
        return Set(entries.lazy.filter { $0.revents != 0 }.map(\.fd))
    }
}

extension Timestamp {
    /// This moment, on the system's monotonic clock.
    static var now: Timestamp {
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        return Timestamp(nanoseconds: Int64(moment.tv_sec) &* 1_000_000_000 &+ Int64(moment.tv_nsec))
    }
}
