// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTesting
import Testing

@Suite("Refused handshakes say why")
struct HandshakeDiagnosisTests {
    private static let right = [
        "Host: a", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        let id: String
        var line = "GET /chat HTTP/1.1"
        var without: String?
        var with: [String] = []
        let status: Int
        /// What body and log have to say.
        let says: [String]
        var testDescription: String { id }
    }

    /// The causes of U-WS4, and those of this server's own.
    static let rows = [
        Row(
            id: "U-WS4-01", without: "Sec-WebSocket-Key", status: 400,
            says: ["missing Sec-WebSocket-Key header", "16 random bytes in base64"]),
        Row(
            id: "U-WS4-02", without: "Sec-WebSocket-Key", with: ["Sec-WebSocket-Key: ???"], status: 400,
            says: ["invalid Sec-WebSocket-Key header \"???\""]),
        Row(
            id: "U-WS4-03", without: "Sec-WebSocket-Key", with: ["Sec-WebSocket-Key: YWJj"], status: 400,
            says: ["\"YWJj\": it is not the base64 form of 16 bytes"]),
        Row(
            id: "U-WS4-04", with: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], status: 400,
            says: ["more than one Sec-WebSocket-Key header"]),
        Row(
            id: "U-WS4-05", without: "Sec-WebSocket-Version", status: 426,
            says: ["missing Sec-WebSocket-Version header", "version 13"]),
        Row(
            id: "U-WS4-06", without: "Sec-WebSocket-Version", with: ["Sec-WebSocket-Version: 8"], status: 426,
            says: ["unsupported Sec-WebSocket-Version \"8\"", "Only version 13"]),
        Row(
            id: "U-WS4-07", with: ["Sec-WebSocket-Extensions: ;;"], status: 400,
            says: ["invalid Sec-WebSocket-Extensions header"]),
        Row(
            id: "U-WS4-08", with: ["Sec-WebSocket-Protocol: a b"], status: 400,
            says: ["invalid Sec-WebSocket-Protocol header", "list of tokens"]),
        Row(
            id: "U-WS4-09", line: "POST /chat HTTP/1.1", status: 405, says: ["the method is \"POST\"", "with GET"]),
        Row(
            id: "U-WS4-10", line: "GET /chat HTTP/1.0", status: 505,
            says: ["the request is HTTP/1.0", "proxy_http_version 1.1"]),
        Row(
            id: "U-WS4-12, Upgrade", without: "Upgrade", status: 426,
            says: ["missing Upgrade header", "Upgrade $http_upgrade"]),
        Row(
            id: "U-WS4-12, Connection", without: "Connection", status: 426,
            says: ["missing Connection header", "$connection_upgrade"]),
        Row(
            id: "U-WS4-12, a proxy shows itself", without: "Connection", with: ["Connection: close", "Via: 1.1 x"],
            status: 426, says: ["invalid Connection header \"close\"", "it shows in Via", "map $http_upgrade"]),
        Row(
            id: "U-WS4-12, X-Forwarded-For", without: "Upgrade", with: ["X-Forwarded-For: 192.0.2.1"],
            status: 426, says: ["it shows in X-Forwarded-For"]),
        Row(
            id: "U-WS4-12, Connection: close", without: "Connection", with: ["Connection: close"], status: 426,
            says: ["as a proxy does that opens a new connection"]),
        Row(
            id: "U-WS4-13", with: ["Origin: https://evil.example"], status: 403,
            says: ["\"https://evil.example\" is not allowed", "https://good.example", "--ws-allowed-origins"]),
        Row(
            id: "a body", with: ["Content-Length: 1"], status: 400,
            says: ["announces a body", "without Content-Length"]),
    ]

    @Test("each cause has its status, a body in plain text and one line of the log, with the remedy", arguments: rows)
    func causes(_ row: Row) throws {
        let harness = try ASGIHarness { configuration in
            let origin = try OriginPattern("https://good.example")
            configuration.handshake = try ServerHandshake(origins: Origins([origin], check: .whenSent))
            configuration.allowedOrigins = ["https://good.example"]
        }
        let fields = Self.right.filter { field in row.without.map { !field.hasPrefix($0 + ":") } ?? true } + row.with
        harness.receive(row.line + "\r\n" + fields.joined(separator: "\r\n") + "\r\n\r\n")
        #expect(harness.sent.hasPrefix("HTTP/1.1 \(row.status) "))
        #expect(harness.sent.contains("text/plain"))
        #expect(harness.log.lines.count == 1)
        let line = try #require(harness.log.lines.first)
        #expect(line.hasPrefix("warning: WebSocket handshake refused (\(row.status)): "))
        #expect(line.contains("From 127.0.0.1:50000 for \"/chat\"."))
        for text in row.says {
            #expect(harness.sent.contains(text), "the body says \(text)")
            #expect(line.contains(text), "the log says \(text)")
        }
        if row.status == 426 { #expect(harness.sent.contains("Upgrade: websocket\r\n")) }
        #expect(harness.host.openings.isEmpty && harness.host.exchanges.isEmpty)
    }

    @Test("a plain request is no handshake, whatever its Connection says")
    func plainRequest() throws {
        let harness = try ASGIHarness { $0.handshake = try ServerHandshake() }
        harness.get("/chat", "Connection: close\r\n")
        #expect(harness.host.exchanges.count == 1)
        #expect(harness.log.lines == [])
    }
}
