// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Testing

#if os(Linux)

@Suite("A reloader and its process", .timeLimit(.minutes(1)))
struct ReloaderTests {
    @Test("a change is built and served, a failed build is not, and nobody is refused meanwhile (U-LG-14, I-01)")
    func reloading() async throws {
        let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("reload-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Fails while there is a file that says so.
        let build = folder + "/build"
        try "#!/bin/sh\ntest ! -e '\(folder)/broken'\n".write(toFile: build, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: build)

        let probe = try RunningProbe(["reload", "0", folder, build])
        #expect(
            await probe.line("Will") == "Will watch for changes in these directories: ['\(folder)']")
        #expect(
            await probe.line("INFO: ") == "INFO: Started reloader process [\(probe.pid)] using WatchFiles")
        let first = try #require(ProbeClient.ask(probe.port)).pid
        let load = ProbeLoad(probe.port, clients: 1)

        try "//".write(toFile: folder + "/a.swift", atomically: false, encoding: .utf8)
        #expect(
            await probe.line("WARNING: ")
                == "WARNING: WatchFiles detected changes in '\(folder)/a.swift'. Reloading...")
        var second = first
        while second == first { second = await load.answers(10).keys.first { $0 != first } ?? first }

        try "".write(toFile: folder + "/broken", atomically: false, encoding: .utf8)
        try "//".write(toFile: folder + "/b.swift", atomically: false, encoding: .utf8)
        #expect(
            await probe.line("ERROR: ")
                == "ERROR: The build exited with status 1. "
                + "Child process [\(second)] goes on serving what was built before.")
        #expect(await load.answers(10) == [second: 10])
        #expect(await load.stop() == 0)

        probe.send(.interrupt)
        #expect(await probe.status() == 0)
        #expect(probe.lines.contains("INFO: Stopping reloader process [\(probe.pid)]"))
    }
}

#endif
