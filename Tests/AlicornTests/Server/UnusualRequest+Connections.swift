// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension UnusualRequest {
    static let connections: [UnusualRequest] = [
        .bytes(
            "RFC 9112 §9.3: persistent", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .answered([200], ["GET / HTTP/1.1"], .open)),
        .bytes(
            "RFC 9112 §9.3.2: pipelined requests are answered in order (U-H-17)",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /json HTTP/1.1\r\nHost: a\r\n\r\n\(next)",
            .answered(
                [200, 200, 200, 404],
                ["GET / HTTP/1.1", "POST /echo HTTP/1.1", "GET /json HTTP/1.1", "GET /next HTTP/1.1"], .open)),
        .bytes(
            "RFC 9112 §9.3.2: one before a bad one is answered",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n\(smuggled)",
            .answered([200, 400], ["GET / HTTP/1.1"], .closed)),
        .fields("RFC 9112 §9.6: close", "Connection: close", .answered([200], ["GET / HTTP/1.1"], .closed)),
        .fields(
            "RFC 9112 §9.6: close among others, in any case (U-H-33)", "Connection: x, Close",
            .answered([200], ["GET / HTTP/1.1"], .closed)),
        .fields(
            "RFC 9110 §7.6.1: an option in a field of its own", "Connection: x\r\nConnection: close",
            .answered([200], ["GET / HTTP/1.1"], .closed)),
        .fields("RFC 9110 §7.6.1: options that nobody knows", "Connection: x, closed", .served("GET / HTTP/1.1")),
        .fields("RFC 9110 §7.6.1: an empty Connection", "Connection:", .served("GET / HTTP/1.1")),
        .bytes(
            "RFC 9112 §9.3: HTTP/1.0 is not persistent (U-H-22)", "GET / HTTP/1.0\r\n\r\n\(next)",
            .answered([200], ["GET / HTTP/1.0"], .closed)),
        .bytes(
            "RFC 9112 §9.3: HTTP/1.0 that asks for it", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\(next)",
            .served("GET / HTTP/1.0")),
        .bytes(
            "RFC 9112 §9.3: HTTP/1.0 with an Expect is not made to wait",
            "POST /echo HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi",
            .answered([200], ["POST /echo HTTP/1.0"], .closed)),
        .bytes(
            "RFC 9110 §9.3.2: the answer to HEAD has no body (U-H-32)", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n\(next)",
            .served("HEAD / HTTP/1.1")),
        .bytes("RFC 9110 §9.3.2: nor has the answer of HEAD that is refused", "HEAD / HTTP/1.1\r\n\r\n", .refused(400)),
        .bytes(
            "RFC 9110 §10.1.1: 100 when the body is asked for (U-H-16)",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", then: "hi\(next)",
            .answered([100, 200, 404], ["POST /echo HTTP/1.1", "GET /next HTTP/1.1"], .open)),
        .bytes(
            "RFC 9110 §10.1.1: none when it is not (U-H-16)",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
            .answered([405], ["POST / HTTP/1.1"], .closed)),
        .fields("RFC 9110 §10.1.1: none without a body", "Expect: 100-continue", .served("GET / HTTP/1.1")),
        .fields("RFC 9110 §10.1.1: another expectation is 417", "Expect: tea", .refused(417)),
    ]

    static let upgrades: [UnusualRequest] = [
        .bytes(
            "RFC 9110 §7.8: another protocol is not spoken (U-H-23)",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n\(next)", .served("GET / HTTP/1.1")
        ),
        .bytes(
            "RFC 9110 §7.8: Upgrade alone asks for nothing", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n\(next)",
            .served("GET / HTTP/1.1")),
        .opening("RFC 6455 §4.2.2: a handshake", "", .upgraded),
        .bytes(
            "RFC 6455 §4.1: behind another request (U-WS-06)",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\(opening)\r\n",
            .answered([200, 101], ["GET / HTTP/1.1", "WebSocket /"], .upgraded)),
        .opening(
            "U-WS-24: websocket and upgrade in any case, among others",
            "Connection: Upgrade\r\nUpgrade: websocket", is: "Connection: keep-alive, UPGRADE\r\nUpgrade: WebSocket",
            .upgraded),
        .opening(
            "RFC 6455 §4.2.1: a handshake has no body", "Content-Length: 5\r\n",
            .refusedHandshake(400, "the request announces a body, which an opening handshake does not have")),
        .opening(
            "RFC 6455 §4.2.1: nor a chunked one", "Transfer-Encoding: chunked\r\n",
            .refusedHandshake(400, "the request announces a body, which an opening handshake does not have")),
        .opening(
            "RFC 6455 §11.3.1: one key (U-WS4-04)", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            .refusedHandshake(400, "more than one Sec-WebSocket-Key header")),
        .opening(
            "RFC 6455 §9.1: the grammar of extensions (U-WS4-07)", "Sec-WebSocket-Extensions: a;=b\r\n",
            .refusedHandshake(400, "invalid Sec-WebSocket-Extensions header: expected token at 2 in \"a;=b\"")),
        .opening(
            "RFC 6455 §4.1: the grammar of subprotocols (U-WS4-08)", "Sec-WebSocket-Protocol: a b\r\n",
            .refusedHandshake(400, "invalid Sec-WebSocket-Protocol header: \"a b\" is not a token")),
        .bytes(
            "RFC 6455 §4.2.1: GET (U-WS4-09)", "POST / HTTP/1.1\r\n\(opening)\r\n",
            .refusedHandshake(405, "the method is \"POST\", and an opening handshake uses GET")),
        .bytes(
            "RFC 6455 §4.2.1: HTTP/1.1 (U-WS4-10)", "GET / HTTP/1.0\r\n\(opening)\r\n",
            .refusedHandshake(505, "the request is HTTP/1.0, and an opening handshake needs HTTP/1.1")),
        .opening(
            "RFC 6455 §4.4: version 13 (U-WS4-06, P-20)",
            "Sec-WebSocket-Version: 13", is: "Sec-WebSocket-Version: 8",
            .refusedHandshake(426, "unsupported Sec-WebSocket-Version \"8\"; this server speaks version 13")),
        .opening(
            "RFC 6455 §4.2.1: a key (U-WS4-01)",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", is: "",
            .refusedHandshake(400, "missing Sec-WebSocket-Key header")),
        .opening(
            "RFC 6455 §4.2.1: a key of 16 bytes (U-WS4-03)",
            "dGhlIHNhbXBsZSBub25jZQ==", is: "c2hvcnQ=",
            .refusedHandshake(
                400, "invalid Sec-WebSocket-Key header \"c2hvcnQ=\": it is not the base64 form of 16 bytes")),
        .opening(
            "RFC 6455 §4.2.1: a Host (U-WS4-11)",
            "Host: a\r\n", is: "",
            .refused(400)),
        .opening(
            "RFC 6455 §4.2.1: what a proxy has taken out (U-WS4-12)",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n", is: "",
            .refusedHandshake(426, "missing Upgrade header")),
    ]

    static let limits: [UnusualRequest] = [
        .line(
            "RFC 9112 §3: a request line as long as it may be",
            "GET /\(String(repeating: "a", count: 65_000)) HTTP/1.1",
            .served("GET /\(String(repeating: "a", count: 65_000)) HTTP/1.1", 404)),
        .line(
            "RFC 9112 §3: a longer one is 414", "GET /\(String(repeating: "a", count: 70_000)) HTTP/1.1", .refused(414)),
        .fields("U-H-13: a long field", "X: \(String(repeating: "a", count: 60_000))", .served("GET / HTTP/1.1")),
        .fields(
            "RFC 6585 §5: one that is too long is 431", "X: \(String(repeating: "a", count: 70_000))", .refused(431)),
        .fields(
            "RFC 6585 §5: too much together is 431",
            "X: \(String(repeating: "a", count: 40_000))\r\nY: \(String(repeating: "a", count: 40_000))", .refused(431)),
        .fields(
            "RFC 6585 §5: as many fields as there may be", "\(String(repeating: "X: y\r\n", count: 98))X: y",
            .served("GET / HTTP/1.1")),
        .fields("RFC 6585 §5: too many are 431", "\(String(repeating: "X: y\r\n", count: 99))X: y", .refused(431)),
    ]

    static let bodyLimits: [UnusualRequest] = [
        .post(
            "RFC 9110 §15.5.14: a body as long as it may be", "Content-Length: 10", body: "0123456789",
            .served("POST /echo HTTP/1.1")),
        .post("RFC 9110 §15.5.14: a longer one is 413", "Content-Length: 11", body: "0123456789+", .refused(413)),
        .post(
            "RFC 9110 §15.5.14: and is not asked for", "Content-Length: 11\r\nExpect: 100-continue", body: "",
            .refused(413)),
        .chunked(
            "RFC 9110 §15.5.14: chunks as long as they may be", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
            .served("POST /echo HTTP/1.1")),
        .chunked("RFC 9110 §15.5.14: a longer chunk is 413", "b\r\n0123456789+\r\n0\r\n\r\n", .refused(413)),
        .chunked(
            "RFC 9110 §15.5.14: chunks that are too long together", "5\r\nhello\r\n6\r\nworlds\r\n0\r\n\r\n",
            .refused(413)),
        .post(
            "RFC 9112 §9.6: who sends all of it has its answer, and no reset", "Content-Length: 500000",
            body: "\(String(repeating: "x", count: 500_000))", .refused(413)),
    ]

    static let headLimits: [UnusualRequest] = [
        .line(
            "a request line beyond --limit-header-size is 414", "GET /\(String(repeating: "a", count: 1100)) HTTP/1.1",
            .refused(414)),
        .fields(
            "a field beyond --limit-header-size is 431", "X: \(String(repeating: "a", count: 1100))", .refused(431)),
        .fields(
            "fields beyond --limit-header-size together",
            "X: \(String(repeating: "a", count: 500))\r\nY: \(String(repeating: "a", count: 500))", .refused(431)),
        .fields("as many fields as --limit-headers says", "A: y\r\nB: y\r\nC: y\r\nD: y", .served("GET / HTTP/1.1")),
        .fields("more fields than --limit-headers says", "A: y\r\nB: y\r\nC: y\r\nD: y\r\nE: y", .refused(431)),
    ]

    static let withoutWebSockets: [UnusualRequest] = [
        .opening("U-H-23: a handshake is a request like others", "", .answered([200], ["GET / HTTP/1.1"], .open)),
        .opening(
            "U-H-23: whatever is wrong with it",
            "Sec-WebSocket-Version: 13", is: "Sec-WebSocket-Version: 8",
            .answered([200], ["GET / HTTP/1.1"], .open)),
    ]

    static let timeouts: [UnusualRequest] = [
        .bytes("P-19: a head that does not come to its end is 408", "GET / HTTP/1.1\r\nHost: a\r\n", .refused(408)),
        .bytes("P-19: nor does a request line", "GET", .refused(408)),
        .bytes(
            "P-19: a body of which nothing comes", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
            .refused(408)),
        .bytes(
            "P-19: a chunked body of which nothing comes",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .refused(408)),
        .bytes("P-19: a connection on which nothing comes", "", .answered([], [], .closed)),
        .bytes(
            "U-H-34: a connection that is kept alive for nothing", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .answered([200], ["GET / HTTP/1.1"], .closed)),
    ]
}
