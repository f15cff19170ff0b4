// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Testing

@Suite("What an application is told of a connection's end")
struct WebSocketDisconnectTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let id: String
        let cause: Closure.Cause
        var sent: CloseFrame?
        var received: CloseFrame?
        let code: UInt16
        var reason = ""
        var testDescription: String { id }
    }

    static let rows = [
        Row(
            id: "U-WSC-01, the client's close", cause: .closedByPeer, sent: CloseFrame(4000),
            received: CloseFrame(4000, reason: "bye"), code: 4000, reason: "bye"),
        Row(
            id: "U-WSC-02, a close frame without a code", cause: .closedByPeer, sent: CloseFrame(.noStatusReceived),
            received: CloseFrame(.noStatusReceived), code: 1005),
        Row(id: "U-WSC-03, TCP is lost", cause: .connectionLost, code: 1006),
        Row(id: "U-WSC-03, TCP is reset", cause: .transportFailed("Connection reset by peer"), code: 1006),
        Row(
            id: "U-WSC-05, our close, answered otherwise", cause: .closedLocally,
            sent: CloseFrame(3000, reason: "done"), received: CloseFrame(1000), code: 3000, reason: "done"),
        Row(
            id: "U-WSC-07, a fault of the client's", cause: .violation(.unmaskedFrame),
            sent: CloseFrame(.protocolError, reason: "bits"), code: 1002, reason: "bits"),
        Row(
            id: "U-WSC-08, a stop", cause: .shutdown, sent: CloseFrame(.serviceRestart),
            received: CloseFrame(.serviceRestart), code: 1012),
        Row(
            id: "U-WSC-09, U-WS-45, no answer to pings", cause: .keepaliveTimeout(silence: .seconds(20)),
            sent: CloseFrame(.internalError, reason: "keepalive ping timeout"), code: 1011,
            reason: "keepalive ping timeout"),
    ]

    @Test("the code of whoever began, and 1006 where there was none (P-13)", arguments: rows)
    func codes(_ row: Row) {
        var closure = Closure(cause: row.cause)
        closure.sent = row.sent
        closure.received = row.received
        #expect(WebSocketDisconnect(closure) == WebSocketDisconnect(code: row.code, reason: row.reason))
    }

    @Test("as from uvicorn a loss is 1005, and nothing else is otherwise (P-13)", arguments: rows)
    func compatible(_ row: Row) {
        var closure = Closure(cause: row.cause)
        closure.sent = row.sent
        closure.received = row.received
        let code = row.code == 1006 ? 1005 : row.code
        #expect(WebSocketDisconnect(closure, lossIsWithoutCode: true).code == code)
    }
}
