// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What a line about the wire begins with (LOG-05).
enum WireMark: String {
    case sent = ">"
    case received = "<"
    case state = "="
    case keepalive = "%"
    case timeout = "-"
    case fault = "!"
    case end = "x"
}

/// What was made out in the bytes of a connection.
enum WireEvent {
    /// A line of a head, or what is said of a body.
    case text(String)
    /// The head has ended after which there are frames.
    case opened
    /// A whole frame; the payload only of control frames.
    case frame(Opcode, payload: [UInt8], line: String)
    /// What cannot be made out; nothing follows in this direction.
    case fault(String)
}
