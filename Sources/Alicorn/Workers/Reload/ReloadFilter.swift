// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Which files are worth a reload (`--reload-include`, `--reload-exclude`).
///
/// A pattern is matched against the end of a path, as Python's `Path.match` does: one without a slash against the file's
/// name. What begins with a dot is left out unless a pattern says so, and so is `.build`.
package struct ReloadFilter: Sendable {
    private let includes: [[String]]
    private let excludes: [[String]]
    /// Folders that are left out wherever they are.
    private let excludedNames: Set<String>
    /// Folders that are left out, from the root.
    private let excludedPaths: [String]

    /// What a package in Swift is made of.
    package static let defaultIncludes = ["*.swift", "Package.swift", "Package.resolved"]

    /// - Parameters:
    ///   - includes: beside defaultIncludes, of which `excludes` may take some away.
    ///   - excludes: patterns, names of folders, or paths of folders.
    ///   - workingDirectory: what paths that do not begin with a slash are below.
    package init(includes: [String] = [], excludes: [String] = [], workingDirectory: String = "/") {
        let defaults = Self.defaultIncludes.filter { !excludes.contains($0) }
        self.includes = (defaults + includes).map(Self.components)
        self.excludes = excludes.map(Self.components)
        excludedNames = Set(excludes.filter { !$0.contains("/") && !$0.contains("*") })
        excludedPaths = excludes.filter { $0.contains("/") && !$0.contains("*") }.map { path in
            "/" + Self.components(path.hasPrefix("/") ? path : workingDirectory + "/" + path).joined(separator: "/")
        }
    }

    /// Whether a file that changed counts.
    package func includes(file path: String) -> Bool {
        let parts = Self.components(path)
        return includes.contains { Self.matches(parts, $0) } && !excludes.contains { Self.matches(parts, $0) }
    }

    /// Whether a folder is looked into.
    package func includes(directory path: String) -> Bool {
        let parts = Self.components(path)
        guard let name = parts.last, !name.hasPrefix("."), !excludedNames.contains(name) else { return false }
        return !excludedPaths.contains(path) && !excludes.contains { Self.matches(parts, $0) }
    }

    private static func components(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    private static func matches(_ path: [String], _ pattern: [String]) -> Bool {
        guard !pattern.isEmpty, pattern.count <= path.count else { return false }
        return zip(path.suffix(pattern.count), pattern).allSatisfy { part, pattern in
            fnmatch(pattern, part, FNM_PERIOD) == 0
        }
    }
}
