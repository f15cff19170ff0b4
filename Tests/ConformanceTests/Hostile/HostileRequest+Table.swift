// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension HostileRequest {
    static let table = startLines + fieldLines + framing + handshakes

    static let startLines = [
        Self("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", 400, "control character", "RFC 9112 §3: a TLS hello is no request"),
        Self("HELLO\r\n\r\n", 400, "request line", "RFC 9112 §3: method, target and version"),
        Self(request("GET  / HTTP/1.1"), 400, "request line", "RFC 9112 §3: one space between the parts"),
        Self(request("G(T / HTTP/1.1"), 400, "method", "RFC 9110 §9.1: a method is a token"),
        Self(
            request("\(String(repeating: "G", count: 100)) / HTTP/1.1"), 501, "method is longer",
            "RFC 9112 §3: a method longer than any"),
        Self(request("GET / HTTP/2.0"), 505, "version", "RFC 9110 §15.6.6: another major version"),
        Self(request("GET / HTTX/1.1"), 400, "version", "RFC 9112 §2.3: the name is HTTP"),
        Self(request("GET /a#b HTTP/1.1"), 400, "target", "RFC 9112 §3.2.1: a target has no fragment"),
        Self(request("GET /a\u{0}b HTTP/1.1"), 400, "control character", "RFC 9110 §5.5: no control characters"),
        Self(request("GET * HTTP/1.1"), 400, "target", "RFC 9112 §3.2.4: the asterisk is for OPTIONS"),
        Self(
            request("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1"), 414, "request line is too long",
            "RFC 9112 §3: a request line beyond the limit"),
    ]

    static let fieldLines = [
        Self(request("GET / HTTP/1.1\nX: y"), 400, "LF", "RFC 9112 §2.2: a line ends in CRLF"),
        Self(request(adding: "X: a\rb"), 400, "CR", "RFC 9112 §2.2: no bare CR"),
        Self(request(adding: "X: a\u{0}b"), 400, "control character", "RFC 9110 §5.5: no NUL"),
        Self(request(adding: "X: a\r\n b"), 400, "obsolete", "RFC 9112 §5.2: no line folding"),
        Self(request(adding: "X : a"), 400, "white space", "RFC 9112 §5.1: no space before the colon"),
        Self(request(adding: "X"), 400, "colon", "RFC 9112 §5: a field has a colon"),
        Self(request(adding: ": a"), 400, "name", "RFC 9110 §5.1: a field has a name"),
        Self(request(adding: "X\u{E9}: a"), 400, "name", "RFC 9110 §5.1: a name is a token"),
        Self(
            request("GET / HTTP/1.1\r\n X: y"), 400, "white space", "RFC 9112 §2.2: no white space before the fields"),
        Self(request(without: "Host"), 400, "Host", "RFC 9112 §3.2: Host is required"),
        Self(request(adding: "Host: 127.0.0.1"), 400, "Host", "RFC 9112 §3.2: Host stands there once"),
        Self(request("Host", is: "a/b"), 400, "Host", "RFC 9112 §3.2: Host is a host with or without a port"),
        Self(
            request(adding: "X: \(String(repeating: "a", count: 9000))"), 431, "header is too long",
            "RFC 6585 §5: a field beyond the limit"),
        Self(
            request("GET / HTTP/1.1\r\n" + (0..<120).map { "X\($0): y" }.joined(separator: "\r\n")), 431,
            "too many headers", "RFC 6585 §5: more fields than the limit"),
        Self(
            request(
                "GET / HTTP/1.1\r\n"
                    + (0..<20).map { "X\($0): \(String(repeating: "a", count: 4000))" }.joined(separator: "\r\n")),
            431, "too large together", "RFC 6585 §5: a head beyond the limit"),
        Self("GET / HTTP/1.1\r\nHost: a\r\n", 400, "ended before", "RFC 9112 §8: the head is incomplete"),
    ]

    static let framing = [
        Self(post("Content-Length: +5", "hello"), 400, "Content-Length", "RFC 9110 §8.6: a length is digits"),
        Self(post("Content-Length: 5, 6", "hello"), 400, "Content-Length", "RFC 9110 §8.6: a length is one number"),
        Self(
            post("Content-Length: 5\r\nContent-Length: 5", "hello"), 400, "Content-Length",
            "RFC 9112 §6.3: one length, even if they agree"),
        Self(
            post("Content-Length: 99999999999999999999", ""), 400, "Content-Length",
            "RFC 9110 §8.6: a length that does not fit"),
        Self(
            post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400, "both",
            "RFC 9112 §6.1: not both framings"),
        Self(
            post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"), 400, "chunked",
            "RFC 9112 §6.3: chunked stands there once"),
        Self(
            post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501, "coding",
            "RFC 9112 §6.1: a coding that is not understood"),
        Self(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "HTTP/1.0",
            "RFC 9112 §6.1: not in HTTP/1.0"),
        Self(request(adding: "Expect: tea"), 417, "Expect", "RFC 9110 §10.1.1: another expectation"),
        Self(
            request(adding: "Content-Length: 5") + "hello", 400, "body",
            "RFC 6455 §4.1: an opening handshake has no body"),
        Self(
            request(adding: "Transfer-Encoding: chunked") + "0\r\n\r\n", 400, "body",
            "RFC 6455 §4.1: an opening handshake has no body"),
    ]

    static let handshakes = [
        Self(request("POST / HTTP/1.1"), 405, "method", "RFC 6455 §4.2.1: GET", answer: "Allow: GET"),
        Self(request("HEAD / HTTP/1.1"), 405, "method", "RFC 6455 §4.2.1: GET", answer: "Allow: GET"),
        Self(request("GET / HTTP/1.0"), 505, "HTTP", "RFC 6455 §4.2.1: HTTP/1.1 or higher"),
        Self(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426, "missing Upgrade", "RFC 9110 §15.5.22: no upgrade was asked for",
            answer: "Upgrade: websocket"),
        Self(request("Upgrade", is: "h2c"), 426, "Upgrade", "RFC 6455 §4.2.1: Upgrade names websocket"),
        Self(request(without: "Connection"), 426, "missing Connection", "RFC 6455 §4.2.1: Connection is required"),
        Self(request("Connection", is: "close"), 426, "Connection", "RFC 6455 §4.2.1: Connection names Upgrade"),
        Self(
            request(without: "Sec-WebSocket-Version"), 426, "missing Sec-WebSocket-Version",
            "RFC 6455 §4.2.2: the version is 13", answer: "Sec-WebSocket-Version: 13"),
        Self(
            request("Sec-WebSocket-Version", is: "8"), 426, "unsupported", "RFC 6455 §4.4: the version is 13",
            answer: "Sec-WebSocket-Version: 13"),
        Self(
            request("Sec-WebSocket-Version", is: "13, 8"), 426, "unsupported", "RFC 6455 §4.4: the version is 13",
            answer: "Sec-WebSocket-Version: 13"),
        Self(
            request(adding: "Sec-WebSocket-Version: 13"), 400, "more than one Sec-WebSocket-Version",
            "RFC 6455 §11.3.5: the version stands there once"),
        Self(request(without: "Sec-WebSocket-Key"), 400, "missing Sec-WebSocket-Key", "RFC 6455 §4.2.1: a key"),
        Self(request("Sec-WebSocket-Key", is: ""), 400, "Sec-WebSocket-Key", "RFC 6455 §4.2.1: a key of 16 bytes"),
        Self(
            request("Sec-WebSocket-Key", is: "c2hvcnQ="), 400, "Sec-WebSocket-Key", "RFC 6455 §4.2.1: a key of 16 bytes"
        ),
        Self(
            request("Sec-WebSocket-Key", is: "dGhlIHNhbXBsZSBub25jZQ="), 400, "Sec-WebSocket-Key",
            "RFC 6455 §4.2.1: a key in base64"),
        Self(
            request(adding: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 400,
            "more than one Sec-WebSocket-Key", "RFC 6455 §11.3.1: the key stands there once"),
        Self(
            request(adding: "Sec-WebSocket-Protocol: a b"), 400, "Sec-WebSocket-Protocol",
            "RFC 6455 §4.1: a subprotocol is a token"),
        Self(
            request(adding: "Sec-WebSocket-Protocol: \u{E9}"), 400, "Sec-WebSocket-Protocol",
            "RFC 6455 §4.1: a subprotocol is a token"),
        Self(
            request(adding: "Sec-WebSocket-Protocol: a, a"), 400, "offered twice",
            "RFC 6455 §4.1: subprotocols are unique"),
        Self(
            request(adding: "Sec-WebSocket-Extensions: a;=b"), 400, "Sec-WebSocket-Extensions",
            "RFC 6455 §9.1: the grammar of extensions"),
        Self(
            request(adding: "Sec-WebSocket-Extensions: a; b=\"c"), 400, "Sec-WebSocket-Extensions",
            "RFC 6455 §9.1: the grammar of extensions"),
        Self(
            request(adding: "Origin: https://example.org"), 403, "origin",
            "RFC 6455 §10.2: an origin that is not allowed"),
        Self(
            request(adding: "Origin: https://example.com.example.org"), 403, "origin",
            "RFC 6455 §10.2: origins are compared as a whole"),
        Self(
            request(adding: "Origin: https://example.com", "Origin: https://example.com"), 400, "Origin",
            "RFC 6454 §7.3: the origin stands there once"),
        Self(
            request("Host", is: "rebound.example"), 421, "host", "RFC 9110 §7.4: a host that is not served"),
    ]

    private static func post(_ lines: String, _ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    }
}
