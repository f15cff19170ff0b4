// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI

extension ConsoleLog {
    /// The log that the settings ask for, on the process' own streams.
    ///
    /// - Parameter compatibility: whose habits it has about WebSocket connections.
    init(_ settings: ServerSettings.Logging, _ compatibility: ServerSettings.Compatibility = .none) {
        var own = Settings()
        own.level = ServerLogLevel(settings.level)
        own.writesAccess = settings.access
        own.colors = settings.colors.map { $0 ? .on : .off } ?? .automatic
        own.format = settings.format == .json ? .json : .text
        own.webSocketAccess = compatibility == .uvicorn ? .serverLog : .accessLog
        // That it can be read was checked with the other settings.
        own.accessFormat = settings.accessFormat.flatMap { try? AccessLogFormat($0) }
        self.init(own)
    }
}
