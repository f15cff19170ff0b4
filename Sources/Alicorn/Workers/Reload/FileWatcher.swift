// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Finds out which files change.
package protocol FileWatcher: AnyObject {
    /// As uvicorn calls the like, for the lines of U-LG-14.
    var name: String { get }
    /// Becomes readable when something may have changed; without it somebody has to look now and then.
    var descriptor: Int32? { get }
    /// The paths of what has changed, since the last call.
    func takeChanges() -> [String]
}

/// Looks at the times when files were last written, again and again. Takes time in proportion to the files there are.
package final class PollingWatcher: FileWatcher {
    private let tree: SourceTree
    private var times: [String: Int64] = [:]

    package init(_ tree: SourceTree) {
        self.tree = tree
        times = look()
    }

    package var name: String { "StatReload" }
    package var descriptor: Int32? { nil }

    package func takeChanges() -> [String] {
        let before = times
        times = look()
        let changed = times.filter { before[$0.key] != $0.value }.keys
        return changed + before.keys.filter { times[$0] == nil }
    }

    private func look() -> [String: Int64] {
        var times: [String: Int64] = [:]
        tree.walk(directory: { _ in }, file: { times[$0] = $1 })
        return times
    }
}
