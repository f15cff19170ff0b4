// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
public import Logging

extension WebSocketConnection: Identifiable {
    /// Tells the connection from all others of the process; it stands in the lines of the log.
    public var id: ConnectionID { ConnectionID(rawValue: driver.transport.serial) }

    /// The server's or client's logger, with the connection's ``id`` and its peer as metadata. Made each time it is asked
    /// for; from anywhere.
    public var logger: Logger { driver.logger }

    /// Runs what uses the connection in the context of its span.
    func inContext<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        guard let spans = driver.diagnosis?.spans else { return try await body() }
        return try await spans.run(on: driver.transport, body)
    }
}

extension CallbackConnection: Identifiable {
    /// Tells the connection from all others of the process; it stands in the lines of the log.
    public var id: ConnectionID { ConnectionID(rawValue: driver.transport.serial) }

    /// The server's logger, with the connection's ``id`` and its peer as metadata. Made each time it is asked for.
    public var logger: Logger { driver.logger }
}

extension WebSocketDriver {
    fileprivate var diagnosis: Diagnosis? { observer?.endpoint as? Diagnosis }

    fileprivate var logger: Logger {
        (diagnosis ?? Diagnosis(logger: Logger(label: "alicorn.connection"))).logger(of: transport)
    }
}
