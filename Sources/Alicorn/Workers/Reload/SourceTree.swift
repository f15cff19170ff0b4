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

/// The folders and files below some folders, of those that count.
package struct SourceTree: Sendable {
    let directories: [String]
    let filter: ReloadFilter

    /// - Parameter directories: absolute paths.
    package init(directories: [String], filter: ReloadFilter) {
        self.directories = directories
        self.filter = filter
    }

    /// More folders than any package has; what is beyond is not watched.
    static let maximumDirectories = 16_384

    /// Visits all, or what is below one of the folders. Symbolic links to folders are not followed, so that there is an end.
    ///
    /// - Parameters:
    ///   - directory: called for each folder, before it is looked into.
    ///   - file: called with a file's path and when it was last written, in nanoseconds since 1970.
    func walk(
        from start: String? = nil, directory visit: (String) throws -> Void,
        file: (String, Int64) -> Void
    ) rethrows {
        var open = start.map { [$0] } ?? directories
        var visited = 0
        while let directory = open.popLast(), visited < Self.maximumDirectories {
            visited += 1
            try visit(directory)
            for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
                let path = directory == "/" ? "/" + name : directory + "/" + name
                var status = stat()
                guard lstat(path, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    if filter.includes(directory: path) { open.append(path) }
                } else if filter.includes(file: path) {
                    file(path, Self.nanoseconds(status))
                }
            }
        }
    }

    private static func nanoseconds(_ status: stat) -> Int64 {
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
