// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where a server writes what happens: swift-log for applications in Swift, Python's `logging` for those in Python.
package protocol ServerLog: Sendable {
    /// The least important lines that are wanted; what makes a line that nobody reads may be left out.
    var level: ServerLogLevel { get }
    /// A line of the server's own, to the logger `uvicorn.error` (U-LG-01).
    func write(_ level: ServerLogLevel, _ message: String)
    /// The same, with parts that stand out where the log shows colours (U-LG-03). Writes what is plain unless implemented.
    func write(_ level: ServerLogLevel, styled message: StyledMessage)
    /// Whether ``write(access:)`` does something with requests (U-C-31).
    var writesAccess: Bool { get }
    /// Whether ``write(access:)`` does something with handshakes and ends of WebSocket connections: where these go to the
    /// server's own lines, the access log's switch is not theirs (U-LG-06). As ``writesAccess`` unless implemented.
    var writesWebSocketAccess: Bool { get }
    /// A request was answered, or a WebSocket connection has opened or ended.
    func write(access record: AccessRecord)
}

extension ServerLog {
    package func write(_ level: ServerLogLevel, styled message: StyledMessage) { write(level, message.plain) }
    package var writesWebSocketAccess: Bool { writesAccess }

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

    /// Reads a level from what `--log-level` is given: a name in any letter case, or a number, for which the least important
    /// level that is not below it is taken.
    ///
    /// - Returns: `nil` for what is neither, or a number above 50.
    package init?(_ text: String) {
        let number = Int(text)
        let found = Self.allCases.first { level in
            number.map { level.rawValue >= $0 } ?? (level.name == text.uppercased())
        }
        guard let found else { return nil }
        self = found
    }

    /// The level as it stands before a line.
    package var name: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
