// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Testing

@Suite("What watchers see")
struct FileWatcherTests {
    enum Kind: CaseIterable {
        case kernel, polling

        func watch(_ tree: SourceTree) throws -> any FileWatcher {
            switch self {
            case .polling: PollingWatcher(tree)
            #if os(Linux)
            case .kernel: try KernelWatcher(tree)
            #else
            case .kernel: PollingWatcher(tree)
            #endif
            }
        }
    }

    /// A folder of its own, removed at the end.
    private struct Folder: ~Copyable {
        let path: String

        init() throws {
            path =
                FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
                .appendingPathComponent("watched-\(UUID().uuidString)").path
            try make("Sources/App")
            try make(".build")
        }

        func make(_ folder: String) throws {
            try FileManager.default.createDirectory(atPath: path + "/" + folder, withIntermediateDirectories: true)
        }

        /// Written by a process of its own: a descriptor of this one's may be open in a child that some other test starts at
        /// that moment, and the kernel tells of a file when the last one is closed.
        func write(_ file: String, _ text: String = "//") throws {
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", #"printf %s "$1" > "$2""#, "sh", text, path + "/" + file]
            try shell.run()
            shell.waitUntilExit()
            try #require(shell.terminationStatus == 0)
        }

        /// As the other paths are told, without this folder.
        func names(_ changes: [String]) -> Set<String> { Set(changes.map { String($0.dropFirst(path.count + 1)) }) }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("files that are made, written, moved and removed, and no others", arguments: Kind.allCases)
    func changes(kind: Kind) throws {
        let folder = try Folder()
        try folder.write("Sources/App/old.swift")
        let watcher = try kind.watch(SourceTree(directories: [folder.path], filter: ReloadFilter()))
        #expect(watcher.takeChanges() == [])

        try folder.write("Sources/App/new.swift")
        try folder.write("Package.swift")
        try folder.write("Sources/App/notes.txt")
        try folder.write(".build/made.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/App/new.swift", "Package.swift"])
        #expect(watcher.takeChanges() == [])

        try folder.write("Sources/App/new.swift", "// written again")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/App/new.swift"])

        try FileManager.default.moveItem(
            atPath: folder.path + "/Sources/App/new.swift", toPath: folder.path + "/Sources/moved.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/App/new.swift", "Sources/moved.swift"])

        try FileManager.default.removeItem(atPath: folder.path + "/Sources/App/old.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/App/old.swift"])
    }

    @Test("folders that are made later, with what is in them", arguments: Kind.allCases)
    func newFolders(kind: Kind) throws {
        let folder = try Folder()
        let watcher = try kind.watch(SourceTree(directories: [folder.path], filter: ReloadFilter()))
        try folder.make("Sources/Lib/Deep")
        try folder.write("Sources/Lib/Deep/a.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/Lib/Deep/a.swift"])
        try folder.write("Sources/Lib/Deep/b.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Sources/Lib/Deep/b.swift"])
    }

    @Test("a folder that is not there is no trouble", arguments: Kind.allCases)
    func missing(kind: Kind) throws {
        let watcher = try kind.watch(SourceTree(directories: ["/nowhere/at/all"], filter: ReloadFilter()))
        #expect(watcher.takeChanges() == [])
    }

    @Test("links to folders are not followed, so that a circle has an end", arguments: Kind.allCases)
    func circle(kind: Kind) throws {
        let folder = try Folder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/Sources/again", withDestinationPath: folder.path)
        let watcher = try kind.watch(SourceTree(directories: [folder.path], filter: ReloadFilter()))
        try folder.write("Package.swift")
        #expect(folder.names(watcher.takeChanges()) == ["Package.swift"])
    }
}
