// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HTTPTunnelTests {
    @Test(
        "a proxy is asked by CONNECT, with what is known to it alone (RFC 9110 §9.3.6, PRX-03)",
        arguments: [
            (
                "http://p", "example.com", 443, nil,
                "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"
            ),
            ("https://p", "::1", 80, nil, "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
            (
                "http://Aladdin:open%20sesame@p", "h", 80, "alicorn/1",
                "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nUser-Agent: alicorn/1\r\n"
                    + "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
            ),
            ("http://p", "h", 80, "a\r\nb: c", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n"),
        ] as [(String, String, Int, String?, String)]
    )
    func asks(proxy: String, host: String, port: Int, userAgent: String?, head: String) throws {
        let request = try TunnelRequest(proxy, to: host, port: port, userAgent: userAgent)
        #expect(text(try request.makeTunnel().start()) == head)
    }

    @Test("a host that no request line can hold is not asked for")
    func misuse() throws {
        let talk = TunnelTalk(try TunnelRequest("http://p", to: "a b", port: 80), [])
        #expect(talk.sent.isEmpty)
        #expect(talk.end == .failed("\(ProxyFailure.misuse(.invalidTarget("a b:80")))"))
    }

    @Test(
        "any 2xx opens the way, and what is behind its head is the server's (RFC 9112 §6.3)",
        arguments: [
            ("HTTP/1.1 200 Connection established\r\n\r\n", ""), ("HTTP/1.0 200 OK\r\n\r\n", ""),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""), ("HTTP/1.1 299\r\nA: b\r\n\r\n", ""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "ab"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\u{1}", "\u{1}"),
        ]
    )
    func opens(reply: String, rest: String) throws {
        let request = try TunnelRequest("http://p", to: "h", port: 80)
        let talk = TunnelTalk.inEveryCut(request, [bytes(reply)])
        #expect(talk.sent.count == 1)
        #expect(talk.end == .open(rest: bytes(rest)))
    }

    @Test(
        "every other response refuses, and is kept (PRX-07)",
        arguments: [
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nwhy", 403, "why", nil),
            ("HTTP/1.1 502 B\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nw\r\n2\r\nhy\r\n0\r\n\r\n", 502, "why", nil),
            ("HTTP/1.1 301 M\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 301, "", nil),
            ("HTTP/1.1 304 N\r\n\r\n", 304, "", nil), ("HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", 101, "", nil),
            ("HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhyX", 500, "why", .missingChunkEnd),
            ("HTTP/1.1 500 E\r\nContent-Length: 6\r\n\r\nwhyabc", 500, "whya", .bodyTooLarge),
        ] as [(String, Int, String, HTTPViolation?)]
    )
    func refuses(reply: String, status: Int, body: String, fault: HTTPViolation?) throws {
        var limits = HTTPLimits()
        limits.responseBody = 4
        let request = try TunnelRequest("http://p", to: "h", port: 80, limits: limits)
        for pieces in inputCuts(of: bytes(reply)) {
            let response = try #require(self.failure(of: request, pieces)?.response)
            #expect(response.head.status == status)
            #expect(text(response.body) == body)
            #expect(response.fault == fault)
        }
    }

    @Test(
        "what is not HTTP is a failure (PRX-07)",
        arguments: [
            ("SSH-2.0-OpenSSH\r\n\r\n", .malformedStatusLine), ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200 OK\n\n", .bareLineFeed), ("HTTP/1.1 200 OK too long", .statusLineTooLong),
        ] as [(String, HTTPViolation)]
    )
    func fails(reply: String, violation: HTTPViolation) throws {
        var limits = HTTPLimits()
        limits.startLine = 20
        let request = try TunnelRequest("http://p", to: "h", port: 80, limits: limits)
        let talk = TunnelTalk.inEveryCut(request, [bytes(reply)])
        #expect(talk.end == .failed("\(ProxyFailure.http(violation))"))
    }

    @Test(
        "the end of the connection ends a body without a length, and is the failure before the head was whole",
        arguments: [
            ("", nil), ("HTTP/1.1 200 OK\r\n", nil), ("HTTP/1.1 100 Continue\r\n\r\n", nil),
            ("HTTP/1.0 403 Forbidden\r\n\r\nwhy", "why"),
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nwhy", "why"),
        ]
    )
    func eof(reply: String, body: String?) throws {
        let request = try TunnelRequest("http://p", to: "h", port: 80)
        for pieces in inputCuts(of: bytes(reply)) {
            let failure = try #require(self.failure(of: request, pieces, thenEOF: true))
            #expect(failure.response.map { text($0.body) } == body)
            if body == nil { #expect(failure.description == ProxyFailure.ended.description) }
        }
    }

    /// How asking fails, at the end of the connection or before; `nil` when it goes on.
    private func failure(of request: TunnelRequest, _ pieces: [[UInt8]], thenEOF: Bool = false) -> ProxyFailure? {
        let tunnel = request.makeTunnel()
        do throws(ProxyFailure) {
            for piece in pieces { guard try tunnel.receive(piece.span) == .wait else { return nil } }
            return thenEOF ? tunnel.receiveEOF() : nil
        } catch {
            return error
        }
    }
}

extension ProxyFailure {
    fileprivate var response: HTTP1Response? {
        if case .refused(let response) = self { response } else { nil }
    }
}
