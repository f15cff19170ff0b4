// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import Testing

@testable import AlicornCommand

/// Answers with 101 that are not those of a WebSocket server (RFC 6455 §4.1).
@Suite("alicorn doctor: fields of a 101", .timeLimit(.minutes(2)))
struct HandshakeFaultTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let id: Fault.ID
        let step: Step.Name
        let words: String
        let change: @Sendable ([String]) -> [String]
        var testDescription: String { "\(id.rawValue): \(words)" }

        init(_ id: Fault.ID, _ step: Step.Name, _ words: String, _ change: @escaping @Sendable ([String]) -> [String]) {
            (self.id, self.step, self.words, self.change) = (id, step, words, change)
        }
    }

    static let rows = [
        Row(.wrongUpgrade, .upgrade, "missing Upgrade header") { Array($0.dropFirst()) },
        Row(.wrongUpgrade, .upgrade, "h2c") { ["Upgrade: h2c"] + $0.dropFirst() },
        Row(.wrongConnection, .connection, "missing Connection header") { [$0[0], $0[2]] },
        Row(.wrongConnection, .connection, "keep-alive") { [$0[0], "Connection: keep-alive", $0[2]] },
        Row(.missingAccept, .accept, "it has not read our key") { Array($0.dropLast()) },
        Row(.wrongAccept, .accept, "does not belong to our request") {
            $0.dropLast() + ["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]
        },
        Row(.repeatedAccept, .accept, "the server's library sends it") { $0 + [$0[2]] },
        Row(.duplicateSubprotocol, .subprotocol, "uvicorn sends both") {
            $0 + ["Sec-WebSocket-Protocol: chat", "sec-websocket-protocol: chat"]
        },
        Row(.unofferedSubprotocol, .subprotocol, "--subprotocol superchat") {
            $0 + ["Sec-WebSocket-Protocol: superchat"]
        },
        Row(.badExtensions, .extensions, "which was not offered") { $0 + ["Sec-WebSocket-Extensions: foo"] },
        Row(.badExtensions, .extensions, "--no-deflate") {
            $0 + ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99"]
        },
        Row(.badExtensions, .extensions, "more than one Sec-WebSocket-Extensions header") {
            $0 + ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Extensions: permessage-deflate"]
        },
    ]

    @Test("each has its cause", arguments: rows)
    func field(_ row: Row) async throws {
        try await ScriptedServer.running({ try await $0.open(row.change) }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") { $0.subprotocols = ["chat"] }
            diagnosed.expect(row.id, at: row.step, row.words)
        }
    }

    @Test("no subprotocol in answer to an offer is worth a note, as browsers take it for a failure")
    func noSubprotocol() async throws {
        try await ScriptedServer.opening({ try await $0.behave() }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") { $0.subprotocols = ["chat"] }
            diagnosed.expectHealthy()
            #expect(diagnosed.step(.subprotocol)?.outcome == .noted)
        }
    }
}
