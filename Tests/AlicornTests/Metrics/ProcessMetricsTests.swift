// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import Alicorn
import Foundation
import Testing

@Suite("Numbers of the process")
struct ProcessMetricsTests {
    private let prometheus = PrometheusMetrics()

    private func value(_ name: String) throws -> Double {
        let line = try #require(prometheus.samples("\(name) ").first)
        return try #require(Double(line.dropFirst(name.count + 1)))
    }

    @Test("they are measured when they are written, and are what they can be")
    func values() throws {
        let cpu = try value("process_cpu_seconds_total")
        // A tick is 10 ms; so much work takes that long on a busy machine, too.
        let end = clock() + 3 * CLOCKS_PER_SEC / 100
        while clock() < end {}
        #expect(try value("process_cpu_seconds_total") > cpu)

        let memory = try value("process_resident_memory_bytes")
        #expect(memory > 1_000_000 && memory < 1e12)
        let start = try value("process_start_time_seconds")
        let now = Date().timeIntervalSince1970
        #expect(start <= now + 1 && start > now - 86_400)
        #expect(try value("process_max_fds") >= value("process_open_fds"))
    }

    @Test("open descriptors are counted")
    func descriptors() throws {
        // Other tests open and close theirs at the same time, but hardly as many.
        let before = try value("process_open_fds")
        let files = try (0..<200).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
        #expect(try value("process_open_fds") > before + 100)
        for file in files { try file.close() }
    }
}
#endif
