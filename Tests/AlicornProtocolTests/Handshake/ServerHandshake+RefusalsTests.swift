// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ServerHandshakeRefusalsTests {
    private func refuse(_ failure: HandshakeFailure, method: String = "GET") throws -> HandshakeRefusal {
        try ServerHandshake(serverHeader: "Alicorn").refusal(for: failure, to: .handshake(method: method))
    }

    @Test("an error response has the headers of HS-14 and a body that names the cause")
    func respondsWithCause() throws {
        let refusal = try refuse(.missingKey)
        let body = "Failed to open a WebSocket connection: missing Sec-WebSocket-Key header.\n"
        #expect(refusal.response.status == 400)
        #expect(refusal.response.reason == "Bad Request")
        #expect(String(decoding: refusal.body, as: UTF8.self) == body)
        #expect(
            refusal.response.fields.lines == [
                "Connection: close", "Content-Length: \(body.utf8.count)", "Content-Type: text/plain; charset=utf-8",
                "Server: Alicorn",
            ])
    }

    @Test("426 names the protocol to upgrade to (RFC 9110 §15.5.22), and tells about browsers and proxies (HS-04)")
    func asksForUpgrade() throws {
        let refusal = try refuse(.missingUpgrade)
        #expect(
            refusal.response.fields.lines.prefix(2) == ["Connection: Upgrade, close", "Upgrade: websocket"])
        let body = String(decoding: refusal.body, as: UTF8.self)
        #expect(body.contains("A browser cannot open this address directly"))
        #expect(body.contains("proxy"))
        #expect(String(decoding: try refuse(.missingConnection).body, as: UTF8.self).contains("A proxy on the way"))
    }

    @Test("other versions are told which one is spoken (RFC 6455 §4.4, H1)")
    func announcesVersion() throws {
        for failure: HandshakeFailure in [.missingVersion, .repeatedVersion, .unsupportedVersion("8")] {
            #expect(try refuse(failure).response.fields.values(of: "Sec-WebSocket-Version") == ["13"])
        }
    }

    @Test("the answer to HEAD has no body, but its length (D13)")
    func answersHEAD() throws {
        let refusal = try refuse(.method("HEAD"), method: "HEAD")
        #expect(refusal.body.isEmpty)
        #expect(refusal.response.fields.first("Allow") == "GET")
        #expect(refusal.response.fields.first("Content-Length") != "0")
    }

    @Test("a server that stops answers 503 (HS-17), a failure of a client 500")
    func otherStatuses() throws {
        #expect(try refuse(.shuttingDown).response.status == 503)
        #expect(try refuse(.missingAccept).response.status == 500)
    }

    @Test("a peer's text in the body is short and on one line")
    func quotesPeer() throws {
        let body = try refuse(.forbiddenOrigin("a\n" + String(repeating: "x", count: 10_000))).body
        #expect(body.count < 300)
        #expect(body.count { $0 == UInt8(ascii: "\n") } == 1)
    }

    @Test("the application refuses with its own status, headers and body")
    func rejects() throws {
        let server = try ServerHandshake(serverHeader: "Alicorn")
        let plain = try server.rejection(
            status: 401, adding: [.init(name: "WWW-Authenticate", value: "Basic")], body: [0x21])
        #expect(
            plain.response.fields.lines == [
                "Connection: close", "Content-Length: 1", "Content-Type: text/plain; charset=utf-8",
                "WWW-Authenticate: Basic", "Server: Alicorn",
            ])
        #expect(plain.body == [0x21])
        #expect(plain.failure.description == "the application answered 401 (Unauthorized)")

        let own = try server.rejection(
            status: 200,
            adding: [
                .init(name: "content-type", value: "text/html"), .init(name: "server", value: "mine"),
                .init(name: "content-length", value: "7"), .init(name: "Connection", value: "keep-alive"),
            ], body: [0x21])
        #expect(
            own.response.fields.lines == [
                "Connection: close", "Content-Length: 1", "content-type: text/html", "server: mine",
            ])
    }

    @Test("a response without a body has neither length nor type", arguments: [204, 304])
    func rejectsWithoutBody(status: Int) throws {
        let refusal = try ServerHandshake().rejection(status: status, body: [1])
        #expect(refusal.response.fields.lines == ["Connection: close"])
        #expect(refusal.body.isEmpty)
        #expect(
            try ServerHandshake().rejection(status: 403).response.fields.lines == [
                "Connection: close", "Content-Length: 0",
            ])
    }

    @Test("what cannot be sent is refused")
    func refusesMisuse() throws {
        let server = try ServerHandshake()
        for status in [-1, 101, 199, 600] {
            #expect(throws: HandshakeMisuse.status(status)) { try server.rejection(status: status) }
        }
        #expect(throws: HandshakeMisuse.header(.value(name: "X"))) {
            try server.rejection(status: 403, adding: [.init(name: "X", value: "\r")])
        }
    }
}
