// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import ArgumentParser

/// What a run does: the options, checked.
struct LoadPlan: Sendable {
    /// What is measured.
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        /// Each connection sends, and waits for the same message.
        case echo
        /// Connections are opened and closed.
        case handshake
        /// One connection sends, all others receive.
        case broadcast

        /// What is counted.
        var unit: String {
            switch self {
            case .echo: "messages"
            case .handshake: "handshakes"
            case .broadcast: "deliveries"
            }
        }
    }

    /// What messages are.
    enum Payload: String, CaseIterable, ExpressibleByArgument {
        case text, binary

        var kind: MessageKind { self == .text ? .text : .binary }
    }

    var mode = Mode.echo
    var connections = 32
    /// Messages a second over all connections; `nil` for as many as the server answers.
    var rate: Double?
    /// Of a message's payload, in bytes.
    var size = 16
    /// Messages in flight on a connection.
    var pipeline = 1
    /// How long is measured.
    var duration = Duration.seconds(10)
    /// How long the load is on before that.
    var warmUp = Duration.seconds(1)
    var payload = Payload.binary
    var threads = 1
    /// Whether permessage-deflate is asked for.
    var isCompressed = false

    /// Connections that are opened at once, over all threads.
    static let maximumOpening = 128
    /// How long answers that are outstanding at the end are waited for.
    static let drainTime = Duration.seconds(2)
    /// How long a closing handshake may take.
    static let closeTime = Duration.seconds(2)

    /// How many connections the thread of that number has.
    func connections(onThread number: Int) -> Int {
        connections / threads + (number < connections % threads ? 1 : 0)
    }
}
