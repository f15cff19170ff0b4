// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import ArgumentParser

/// What a server does that a client is to be tested against.
struct Misbehaviour: ParsableArguments {
    @Option(help: ArgumentHelp("Wait before each answer, that to the handshake too.", valueName: "seconds"))
    var delay = DurationArgument(seconds: 0)

    @Flag(help: "Answer no ping.")
    var noPong = false

    @Flag(help: "Read nothing behind the handshake.")
    var stall = false

    @Option(help: ArgumentHelp("Refuse handshakes with this status.", valueName: "status"))
    var refuse: UInt16?

    @Option(help: ArgumentHelp("Close connections with this code.", valueName: "code"))
    var close: UInt16?

    @Option(help: ArgumentHelp("The reason that is given then.", valueName: "text"))
    var reason = ""

    @Flag(help: "Cut connections, without a close frame.")
    var cut = false

    @Option(help: ArgumentHelp("The messages after which that is done.", valueName: "number"))
    var after = 0

    /// How connections end from our side.
    enum End: Hashable {
        case close(CloseFrame)
        case cut
    }

    /// `nil` to leave that to the client.
    var end: End? {
        if cut { return .cut }
        return close.map { .close(CloseFrame(CloseCode(rawValue: $0), reason: reason)) }
    }

    func validate() throws {
        guard after >= 0 else { throw ValidationError("--after must not be negative") }
        if let refuse, !(400...599 ~= refuse) { throw ValidationError("--refuse needs a status from 400 to 599") }
        if let close, !CloseCode(rawValue: close).isAllowedOnTheWire {
            throw ValidationError("--close needs a code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999")
        }
        guard reason.utf8.count <= CloseFrame.maximumReasonLength else {
            throw ValidationError("--reason has at most \(CloseFrame.maximumReasonLength) bytes")
        }
        guard !(cut && close != nil) else { throw ValidationError("--cut and --close exclude each other") }
        guard reason.isEmpty || close != nil else { throw ValidationError("--reason needs --close") }
        guard after == 0 || end != nil else { throw ValidationError("--after needs --close or --cut") }
    }
}
