// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// When something happened, by the system's clock.
package struct WallTime: Sendable, Hashable {
    /// Since 1970-01-01 00:00 UTC.
    package var unixSeconds: Int64
    /// What is beyond the second, 0 to 999.
    package var milliseconds: Int

    package init(unixSeconds: Int64, milliseconds: Int = 0) {
        self.unixSeconds = unixSeconds
        self.milliseconds = milliseconds
    }

    /// The time now.
    package static var now: Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Self(unixSeconds: Int64(time.tv_sec), milliseconds: Int(time.tv_nsec) / 1_000_000)
    }

    /// The time as date and hour in UTC.
    fileprivate var calendar: tm {
        var seconds = time_t(unixSeconds)
        var calendar = tm()
        gmtime_r(&seconds, &calendar)
        return calendar
    }
}

extension LogLine {
    /// Appends a time as RFC 3339 has it, in UTC: `2026-01-02T03:04:05.678Z`.
    package mutating func append(rfc3339 time: WallTime) {
        let calendar = time.calendar
        append(decimal: Int(calendar.tm_year) + 1900, digits: 4)
        append("-")
        append(decimal: calendar.tm_mon + 1, digits: 2)
        append("-")
        append(decimal: calendar.tm_mday, digits: 2)
        append("T")
        append(clockOf: calendar)
        append(".")
        append(decimal: time.milliseconds, digits: 3)
        append("Z")
    }

    /// Appends a time as the Common Log Format has it, in UTC: `[02/Jan/2026:03:04:05 +0000]`.
    package mutating func append(commonLogFormat time: WallTime) {
        let calendar = time.calendar
        append("[")
        append(decimal: calendar.tm_mday, digits: 2)
        append("/")
        append(Self.months[Int(calendar.tm_mon)])
        append("/")
        append(decimal: Int(calendar.tm_year) + 1900, digits: 4)
        append(":")
        append(clockOf: calendar)
        append(" +0000]")
    }

    private mutating func append(clockOf calendar: tm) {
        append(decimal: calendar.tm_hour, digits: 2)
        append(":")
        append(decimal: calendar.tm_min, digits: 2)
        append(":")
        append(decimal: calendar.tm_sec, digits: 2)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
