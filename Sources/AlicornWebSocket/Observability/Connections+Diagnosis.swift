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
}

extension CallbackConnection: Identifiable {
    /// Tells the connection from all others of the process; it stands in the lines of the log.
    public var id: ConnectionID { ConnectionID(rawValue: driver.transport.serial) }

    /// The server's logger, with the connection's ``id`` and its peer as metadata. Made each time it is asked for.
    public var logger: Logger { driver.logger }
}

extension WebSocketDriver {
    fileprivate var logger: Logger {
        let diagnosis = observer?.endpoint as? Diagnosis ?? Diagnosis(logger: Logger(label: "alicorn.connection"))
        return diagnosis.logger(of: transport)
    }
}
