// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where a server writes what happens: swift-log for applications in Swift, Python's `logging` for those in Python.
package protocol ServerLog: Sendable {
    /// The least important lines that are wanted; what makes a line that nobody reads may be left out.
    var level: ServerLogLevel { get }
    /// A line of the server's own, to the logger `uvicorn.error` (U-LG-01).
    func write(_ level: ServerLogLevel, _ message: String)
    /// Whether ``write(access:)`` does something (U-C-31).
    var writesAccess: Bool { get }
    /// A request was answered, or a WebSocket connection has opened or ended.
    func write(access record: AccessRecord)
}

extension ServerLog {
    /// Writes the line if it is wanted; else it is not made.
    package func write(_ level: ServerLogLevel, lazily message: () -> String) {
        if level >= self.level { write(level, message()) }
    }
}

/// How important a line is, in uvicorn's words (U-C-30).
package enum ServerLogLevel: Int, Sendable, Hashable, CaseIterable, Comparable {
    case trace = 5
    case debug = 10
    case info = 20
    case warning = 30
    case error = 40
    case critical = 50

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
