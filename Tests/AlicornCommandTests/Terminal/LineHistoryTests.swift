// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Testing

@testable import AlicornCommand

@Suite("The lines of earlier runs")
struct LineHistoryTests {
    /// Gives `body` a file that is not there, in a folder that is neither.
    private func withFile(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("alicorn/history"))
    }

    private func add(_ lines: [String], to file: URL) {
        var history = LineHistory(file: file)
        for line in lines { history.add(line) }
        history.save()
    }

    @Test("what is not for keeping is not kept: blank, secret, repeated, too long, with control characters")
    func kept() throws {
        try withFile { file in
            let longest = String(repeating: "x", count: LineHistory.longestLine)
            add(["one", "one", "", " secret", longest, longest + "x", "t\tab", "\u{1B}[2J", "日本語"], to: file)
            #expect(LineHistory(file: file).lines == ["one", longest, "t\tab", "日本語"])
            add(["日本語"], to: file)
            #expect(LineHistory(file: file).lines.count == 4)
        }
    }

    @Test("the oldest go when there are too many")
    func bounded() throws {
        try withFile { file in
            add((0..<EditedLine.historyLimit + 1).map { "a\($0)" }, to: file)
            add((0..<10).map { "b\($0)" }, to: file)
            let lines = LineHistory(file: file).lines
            #expect(lines.count == EditedLine.historyLimit)
            #expect(lines.first == "a11" && lines.last == "b9")
        }
    }

    @Test("runs at the same time keep each other's lines")
    func together() throws {
        try withFile { file in
            var (first, second) = (LineHistory(file: file), LineHistory(file: file))
            first.add("first")
            second.add("second")
            first.save()
            second.save()
            #expect(LineHistory(file: file).lines == ["first", "second"])
            let folder = file.deletingLastPathComponent().path
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files == ["history"])
        }
    }

    @Test("nobody else can read the file, nor what is made for it")
    func permissions() throws {
        try withFile { file in
            add(["one"], to: file)
            let modes = try [file, file.deletingLastPathComponent()].map {
                try FileManager.default.attributesOfItem(atPath: $0.path)[.posixPermissions] as? Int
            }
            #expect(modes == [0o600, 0o700])
        }
    }

    @Test("where there can be no file there is no history, and nothing is said: a folder, a pipe, what is too large")
    func impossible() throws {
        try withFile { file in
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
            add(["one"], to: file)
            #expect(LineHistory(file: file).lines == [])
            let pipe = file.appendingPathComponent("pipe")
            try #require(mkfifo(pipe.path, 0o600) == 0)
            #expect(LineHistory(file: pipe).lines == [])
            let large = file.appendingPathComponent("large")
            try Data(count: 5 << 20).write(to: large)
            #expect(LineHistory(file: large).lines == [])
        }
        add(["one"], to: URL(fileURLWithPath: "/dev/null/history"))
        #expect(LineHistory(file: URL(fileURLWithPath: "/dev/null/history")).lines == [])
    }

    @Test(
        "its place is the XDG Base Directory Specification's",
        arguments: [
            (["XDG_STATE_HOME": "state"], "state"), (["HOME": "."], "./.local/state"),
            (["XDG_STATE_HOME": "state", "HOME": "."], "state"),
        ])
    func place(environment: [String: String], folder: String) throws {
        try withFile { file in
            let root = file.deletingLastPathComponent()
            add(["here"], to: root.appendingPathComponent("\(folder)/alicorn/history"))
            let variables = environment.mapValues { root.appendingPathComponent($0).path }
            #expect(LineHistory(environment: variables)?.lines == ["here"])
        }
        #expect(LineHistory(environment: [:]) == nil)
        #expect(LineHistory(environment: ["HOME": "relative"]) == nil)
    }
}
