// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The program that runs here, to be started once more.
///
/// By its path, not by what runs now: who is deployed anew at the same path runs from the next restart on.
package struct WorkerProgram: Sendable {
    /// An absolute path.
    package var path: String
    /// Without the program's name.
    package var arguments: [String]
    package var environment: [String: String]

    package init(path: String, arguments: [String], environment: [String: String]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
    }

    /// This program, with its arguments and environment. Ask before the working directory changes.
    package static var current: Self {
        Self(
            path: currentPath, arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment)
    }

    /// As it was called, if that is a path of what runs: a symbolic link is looked at again at each start. Else what the
    /// system says.
    private static var currentPath: String {
        let called = CommandLine.arguments.first ?? ""
        let running = executable
        guard called.contains("/"), let absolute = absolutePath(called) else { return running ?? called }
        guard let running else { return absolute }
        return FileIdentity(path: absolute) == FileIdentity(path: running) ? absolute : running
    }

    private static var executable: String? {
        #if os(Linux)
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
        #else
        return nil
        #endif
    }

    private static func absolutePath(_ path: String) -> String? {
        if path.hasPrefix("/") { return path }
        guard let directory = getcwd(nil, 0) else { return nil }
        defer { free(directory) }
        return String(cString: directory) + "/" + path
    }
}

/// Tells whether two paths lead to the same file.
private struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
