// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("A response that was changed")
struct ResponseHeadHandshakeTests {
    private static func response() throws -> ResponseHead {
        var fields = HeaderFields()
        for (name, value) in [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "x"), ("Server", "a"),
        ] {
            try fields.append(name: name, value: value)
        }
        return ResponseHead(status: 101, fields: fields)
    }

    @Test("other fields may be added, changed and removed")
    func allowed() throws {
        let original = try Self.response()
        var changed = original
        try changed.fields.append(name: "Set-Cookie", value: "a=b")
        changed.fields.remove("Server")
        changed.reason = "Here We Go"
        #expect(throws: Never.self) { try changed.checkHandshake(asIn: original) }
    }

    @Test(
        "what belongs to the handshake may not",
        arguments: [
            { $0.status = 200 }, { $0.version = .http10 }, { $0.fields.remove("upgrade") },
            { try? $0.fields.set(name: "Sec-WebSocket-Accept", value: "y") },
            { try? $0.fields.append(name: "sec-websocket-protocol", value: "z") },
            { try? $0.fields.append(name: "Content-Length", value: "0") },
        ] as [@Sendable (inout ResponseHead) -> Void])
    func forbidden(change: @Sendable (inout ResponseHead) -> Void) throws {
        let original = try Self.response()
        var changed = original
        change(&changed)
        #expect(throws: HandshakeMisuse.changedResponse) { try changed.checkHandshake(asIn: original) }
    }
}
