// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The lines that were typed in earlier runs, in a file that nobody else can read. Where there can be none, there is no history.
struct LineHistory {
    /// Those that were there at the beginning, the oldest first.
    let lines: [String]
    private let file: URL
    private var added: [String] = []

    /// Longer lines are not kept.
    static let longestLine = 4096

    init(file: URL) {
        self.file = file
        lines = Self.read(file)
    }

    /// That of this user, where the XDG Base Directory Specification puts it.
    ///
    /// - Returns: `nil` without a home.
    init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        // A path that is not absolute is to be ignored.
        func folder(_ variable: String) -> URL? {
            environment[variable].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
        }
        guard let state = folder("XDG_STATE_HOME") ?? folder("HOME")?.appendingPathComponent(".local/state") else {
            return nil
        }
        self.init(file: state.appendingPathComponent("alicorn/history"))
    }

    /// Notes a line that was typed. One that begins with a blank is not for keeping.
    mutating func add(_ line: String) {
        guard Self.canKeep(line), !line.hasPrefix(" "), line != added.last ?? lines.last else { return }
        added.append(line)
        if added.count > EditedLine.historyLimit { added.removeFirst() }
    }

    /// Puts the new lines behind those that are in the file by now: others may have run at the same time.
    func save() {
        guard !added.isEmpty else { return }
        let all = (Self.read(file) + added).suffix(EditedLine.historyLimit)
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        Self.replace(file, with: Data(all.map { $0 + "\n" }.joined().utf8))
    }

    // MARK: - The file

    private static func canKeep(_ line: String) -> Bool {
        !line.isEmpty && line.utf8.count <= longestLine
            && line.unicodeScalars.allSatisfy { $0 == "\t" || $0.properties.generalCategory != .control }
    }

    private static func read(_ file: URL) -> [String] {
        // A pipe of that name is nobody's history, and must not keep anybody waiting.
        let descriptor = open(file.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let longest = EditedLine.historyLimit * (longestLine + 1)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= longest,
            let data = try? handle.read(upToCount: longest)
        else { return [] }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.filter(canKeep).suffix(EditedLine.historyLimit)
    }

    /// In one step: whoever reads it sees the old lines or the new ones.
    private static func replace(_ file: URL, with data: Data) {
        let new = file.path + ".\(UUID().uuidString)"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard (try? handle.write(contentsOf: data)) != nil, rename(new, file.path) == 0 else {
            unlink(new)
            return
        }
    }
}
