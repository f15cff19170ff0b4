// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
package import AlicornTransport

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Has the kernel tell what changes (inotify(7)): costs nothing while nothing does.
package final class KernelWatcher: FileWatcher {
    private let tree: SourceTree
    private let notifier: Int32
    /// The folders, by the kernel's numbers for them.
    private var watched: [Int32: String] = [:]

    private static let ends = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    private static let folders = UInt32(IN_CREATE | IN_ONLYDIR | IN_EXCL_UNLINK)

    /// - Throws: when the kernel's limits do not allow it, as `fs.inotify.max_user_watches`.
    package init(_ tree: SourceTree) throws(SystemFailure) {
        self.tree = tree
        notifier = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard notifier >= 0 else { throw SystemFailure("inotify_init1") }
        do {
            try tree.walk(directory: { try watch($0) }, file: { _, _ in })
        } catch let failure as SystemFailure {
            close(notifier)
            throw failure
        } catch {
            close(notifier)
            throw SystemFailure("inotify_add_watch")
        }
    }

    deinit { close(notifier) }

    package var name: String { "WatchFiles" }
    package var descriptor: Int32? { notifier }

    private func watch(_ directory: String) throws(SystemFailure) {
        let number = inotify_add_watch(notifier, directory, Self.ends | Self.folders)
        if number >= 0 {
            watched[number] = directory
        } else if errno == ENOSPC || errno == ENOMEM {
            throw SystemFailure("inotify_add_watch")
        }
        // Else it is gone already, or not for this user to read.
    }

    package func takeChanges() -> [String] {
        var changed: [String] = []
        withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { buffer in
            while true {
                let count = read(notifier, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                for event in Events(UnsafeRawBufferPointer(rebasing: buffer.prefix(count))) {
                    changed += changes(of: event)
                }
            }
        }
        return changed
    }

    private func changes(of event: Event) -> [String] {
        // Something was lost: no matter what, it is worth a look.
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return Array(tree.directories.prefix(1)) }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            watched[event.watch] = nil
            return []
        }
        guard let directory = watched[event.watch], !event.name.isEmpty else { return [] }
        let path = directory + "/" + event.name
        if event.mask & UInt32(IN_ISDIR) == 0 {
            return event.mask & Self.ends != 0 && tree.filter.includes(file: path) ? [path] : []
        }
        guard event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0, tree.filter.includes(directory: path) else {
            return []
        }
        // What was made there before it is watched is not told of any more.
        var made: [String] = []
        try? tree.walk(from: path, directory: { try watch($0) }, file: { path, _ in made.append(path) })
        return made
    }

    private struct Event {
        var watch: Int32
        var mask: UInt32
        var name: String
    }

    /// The events in what was read: a head of 16 bytes, and a name that zeros fill up to the length in the head.
    private struct Events: Sequence, IteratorProtocol {
        private var rest: UnsafeRawBufferPointer

        init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

        mutating func next() -> Event? {
            let head = MemoryLayout<inotify_event>.size
            guard rest.count >= head else { return nil }
            let event = rest.loadUnaligned(as: inotify_event.self)
            let end = Swift.min(rest.count, head + Int(event.len))
            let name = rest[head..<end].prefix { $0 != 0 }
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
            return Event(watch: event.wd, mask: event.mask, name: String(decoding: name, as: UTF8.self))
        }
    }
}

#endif
