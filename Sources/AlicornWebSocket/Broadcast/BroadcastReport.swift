// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// To whom a message for many went, and to whom not (BRD-02, BRD-03).
public struct BroadcastReport<Connection: Sendable>: Sendable {
    /// Those who get it.
    public internal(set) var sent: [Connection] = []
    /// Those who do not, as they have too much unsent.
    public internal(set) var skipped: [Connection] = []
    /// Those who were closed with 1013, as they had too much unsent.
    public internal(set) var disconnected: [Connection] = []
    /// Those whose connection was closing or closed already.
    public internal(set) var closed: [Connection] = []

    mutating func add(_ connection: Connection, _ outcome: SlowRecipientPolicy.Outcome) {
        switch outcome {
        case .sent: sent.append(connection)
        case .slow: skipped.append(connection)
        case .disconnected: disconnected.append(connection)
        case .closed: closed.append(connection)
        }
    }

    mutating func add(_ other: Self) {
        sent += other.sent
        skipped += other.skipped
        disconnected += other.disconnected
        closed += other.closed
    }
}
