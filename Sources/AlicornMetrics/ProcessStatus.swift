// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How this process does, as Linux tells it.
struct ProcessStatus {
    /// In user and in system mode, of all threads.
    var cpuSeconds: Double
    var residentBytes: Double
    /// In seconds since the Unix epoch.
    var startTime: Double
    var openDescriptors: Double?
    /// `nil` when there is no limit.
    var maximumDescriptors: Double?
}

/// The fields of `/proc/PID/stat` that matter here, in the kernel's units (proc_pid_stat(5)).
package struct ProcessStat: Sendable, Hashable {
    /// In ticks.
    package let cpu: UInt64
    /// In ticks since the system has started.
    package let start: UInt64
    /// In pages.
    package let resident: UInt64

    /// - Returns: `nil` for what is no such line.
    package init?(_ line: [UInt8]) {
        // The program's name may hold blanks and parentheses; after the last one there are only numbers, from field 3.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        func field(_ number: Int) -> UInt64? {
            number - 3 < fields.count ? UInt64(String(decoding: fields[number - 3], as: UTF8.self)) : nil
        }
        guard let user = field(14), let system = field(15), let start = field(22), let resident = field(24) else {
            return nil
        }
        cpu = user &+ system
        self.start = start
        self.resident = resident
    }
}

#if os(Linux)
extension ProcessStatus {
    /// - Returns: `nil` where /proc is not mounted.
    static func current() -> Self? {
        guard let line = contents(of: "/proc/self/stat"), let stat = ProcessStat(line) else { return nil }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let systemStart = seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME)
        return ProcessStatus(
            cpuSeconds: Double(stat.cpu) / ticks,
            residentBytes: Double(stat.resident) * Double(sysconf(Int32(_SC_PAGESIZE))),
            startTime: systemStart + Double(stat.start) / ticks,
            openDescriptors: openDescriptorCount.map(Double.init),
            maximumDescriptors: descriptorLimit.map(Double.init))
    }

    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // The line has some 300 bytes, and the kernel gives it whole.
        return [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
    }

    private static func seconds(_ clock: Int32) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var openDescriptorCount: Int? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0 else { return nil }
        // Since Linux 6.2 it is the folder's size; before, that was zero.
        if status.st_size > 0 { return Int(status.st_size) }
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var entries = 0
        while readdir(folder) != nil { entries += 1 }
        // Less `.`, `..` and the folder's own.
        return max(0, entries - 3)
    }

    private static var descriptorLimit: Int? {
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        return limit >= 0 ? limit : nil
    }
}
#else
extension ProcessStatus {
    static func current() -> Self? { nil }
}
#endif
