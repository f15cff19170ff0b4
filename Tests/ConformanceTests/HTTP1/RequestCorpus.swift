// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Requests, good and bad, for comparing parsers.
enum RequestCorpus {
    static let all = requestLines + targets + fieldLines + hosts + lengths + codings + chunks + connections + lineEnds

    static let requestLines: [RequestCase] = [
        .line("GET / HTTP/1.1"), .line("get / HTTP/1.1", "RFC 9110 §9.1: a method is any token"),
        .line("HEAD / HTTP/1.1"), .line("POST / HTTP/1.1"),
        .line("DELETE /a HTTP/1.1"), .line("OPTIONS * HTTP/1.1"), .line("PATCH /a HTTP/1.1"),
        .line("PROPFIND / HTTP/1.1"),
        .line("M-SEARCH * HTTP/1.1", "RFC 9112 §3.2.4: the asterisk is for OPTIONS"),
        .line("FOO / HTTP/1.1", "RFC 9110 §9.1: a method is any token"),
        .line("G!T / HTTP/1.1", "RFC 9110 §9.1: a method is any token"), .line("G(T / HTTP/1.1"),
        .line("G\u{E9}T / HTTP/1.1"), .line("GETGETGETGETGETGETGETGETG / HTTP/1.1"), .line("GET / HTTP/1.0"),
        .line("GET / HTTP/1.2", "RFC 9110 §2.5: a higher minor version is read as the highest known"),
        .line("GET / HTTP/1.9", "RFC 9110 §2.5: a higher minor version is read as the highest known"),
        .line("GET / HTTP/0.9"), .line("GET / HTTP/2.0"),
        .line("PRI * HTTP/2.0"), .line("GET / HTTP/3.0"), .line("GET / HTTP/1.10"), .line("GET / HTTP/11.1"),
        .line("GET / HTTP/1"), .line("GET / HTTP/1."), .line("GET / HTTP/.1"), .line("GET / http/1.1"),
        .line("GET / HTTPS/1.1"),
        .line("GET / HTTP/1,1"), .line("GET / RTSP/1.0", "RFC 9112 §2.3: the name is HTTP"), .line("GET / ICE/1.0"),
        .line("GET /"), .line("GET / "),
        .line("GET"), .line("GET HTTP/1.1"),
        .line(" GET / HTTP/1.1"), .line("GET  / HTTP/1.1", "RFC 9112 §3: one space between the parts"),
        .line("GET /  HTTP/1.1", "RFC 9112 §3: one space between the parts"), .line("GET / HTTP/1.1 "),
        .line("GET\t/ HTTP/1.1"),
        .line("GET /\tHTTP/1.1"), .line("GET / HTTP/1.1\t"), .line("GET /a b HTTP/1.1"), .line("\u{0}GET / HTTP/1.1"),
        .line("\u{16}\u{3}\u{1}\u{2}"),
        .line("GET / HTTP/1.1 x"), .line("SOURCE / HTTP/1.1"), .line("QUERY / HTTP/1.1"),
    ]

    static let targets: [RequestCase] = [
        .line("GET /a/b?c=d&e=%20 HTTP/1.1"), .line("GET //a HTTP/1.1"), .line("GET /%zz HTTP/1.1"),
        .line("GET /a#b HTTP/1.1", "RFC 9112 §3.2.1: a target has no fragment"),
        .line("GET /a|b^c HTTP/1.1"), .line("GET /\u{E9} HTTP/1.1"), .line("GET /\u{7F} HTTP/1.1"),
        .line("GET /\u{1} HTTP/1.1"),
        .line("GET /a\u{0}b HTTP/1.1"), .line("GET http://a/ HTTP/1.1"), .line("GET http://a:80/b?c HTTP/1.1"),
        .line("GET http://a HTTP/1.1"),
        .line("GET http://[::1]/ HTTP/1.1"),
        .line("GET http://u:p@a/ HTTP/1.1", "RFC 9110 §4.2.4: user information is an error"),
        .line("GET http:///b HTTP/1.1", "RFC 9110 §4.2.1: a host is not empty"),
        .line("GET http:/b HTTP/1.1"),
        .line("GET ws://a/ HTTP/1.1"), .line("GET urn:a:b HTTP/1.1"),
        .line("GET * HTTP/1.1", "RFC 9112 §3.2.4: the asterisk is for OPTIONS"),
        .line("OPTIONS ** HTTP/1.1", "RFC 9112 §3.2: in none of the four forms"), .line("GET a HTTP/1.1"),
        .line("GET a:80 HTTP/1.1"), .line("GET ?a HTTP/1.1"), .line("GET 1http://a/ HTTP/1.1"),
        .line("CONNECT a:443 HTTP/1.1"),
        .line("CONNECT a HTTP/1.1", "RFC 9112 §3.2.3: the authority form has a port"),
        .line("CONNECT / HTTP/1.1", "RFC 9112 §3.2.3: CONNECT has the authority form"),
        .line("CONNECT http://a:80/ HTTP/1.1", "RFC 9112 §3.2.3: CONNECT has the authority form"),
        .line("CONNECT a:0 HTTP/1.1", "RFC 9110 §9.3.6: an invalid port is refused"),
    ]

    static let fieldLines: [RequestCase] = [
        .fields("X: y"), .fields("X:y"), .fields("X:"), .fields("X: \t "),
        .fields("X:\t y\t ", "RFC 9112 §5.1: white space around a value is not part of it"), .fields("X: a  b"),
        .fields("x: 1\r\nX: 2"),
        .fields("X: \u{E9}", "RFC 9110 §5.5: bytes beyond ASCII are opaque, not replaced"),
        .fields("X: \u{FF}\u{80}", "RFC 9110 §5.5: bytes beyond ASCII are opaque, not replaced"), .fields("X: a:b"),
        .fields("!#$%&'*+-.^_`|~: y"),
        .fields("X : y"), .fields("X\t: y"),
        .fields(": y"), .fields("X"), .fields("X y: z"), .fields("X(: y"), .fields("X\u{E9}: y"), .fields("X\u{0}: y"),
        .fields("X: a\u{0}b"),
        .fields("X: a\u{1}b"), .fields("X: a\u{7F}b"), .fields("X: a\u{B}b"), .fields("X: a\u{C}b"),
        .fields("X: y\r\n z"), .fields("X: y\r\n\tz"), .fields("X: y\r\n "),
        .fields("X: a\tb"), .fields("\"X\": y"), .fields("X/: y"), .fields("X: \"a\\\"b\""), .head(" Host: a"),
        .head("\tHost: a"), .head("Host: a\r\n Connection: close"),
        .fields(String(repeating: "X: y\r\n", count: 98) + "X: y"),
        .fields(String(repeating: "X: y\r\n", count: 99) + "X: y", "RFC 6585 §5: more fields than our limit"),
    ]

    static let hosts: [RequestCase] = [
        .head("X: y", "RFC 9112 §3.2: Host is required"), .head("Host:", "RFC 9110 §4.2.1: a host is not empty"),
        .head("Host: a:80"), .head("Host: a:"), .head("Host: [::1]:80"),
        .head("Host: a\r\nHost: a", "RFC 9112 §3.2: Host stands there once"),
        .head("Host: a\r\nhost: b", "RFC 9112 §3.2: Host stands there once"),
        .head("Host: a, b", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: a b", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: a/b", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: u@a", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: a:b", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: a:65536", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: [::1", "RFC 9112 §3.2: Host is a host with or without a port"),
        .head("Host: \u{E9}", "RFC 9112 §3.2: Host is a host with or without a port"),
        RequestCase("GET / HTTP/1.0\r\n\r\n"),
        RequestCase("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "RFC 9112 §3.2: Host stands there once"),
    ]

    static let lengths: [RequestCase] = [
        .post("Content-Length: 5"), .post("content-length:5"), .post("Content-Length: 05"),
        .post("Content-Length: 0005\t", "RFC 9112 §5.1: white space around a value is not part of it"),
        .post("Content-Length: 0", "RFC 9110 §9.1: a method is any token"),
        .post("Content-Length: +5"), .post("Content-Length: -5"), .post("Content-Length: 5, 5"),
        .post("Content-Length: 5,6"), .post("Content-Length: 5 5"),
        .post("Content-Length: 5\r\nContent-Length: 5"), .post("Content-Length: 5\r\nContent-Length: 6"),
        .post("Content-Length:"), .post("Content-Length: 0x5"),
        .post("Content-Length: 5.0"), .post("Content-Length: five"), .post("Content-Length: 18446744073709551621"),
        .post("Content-Length: 99999999999999999999999"),
        .post("Content-Length: 9223372036854775807"),
        .post("Content-Length: 9223372036854775808", "RFC 9110 §8.6: a length that does not fit is refused"),
        .post("Content-Length : 5"), .post("Content-Length: 5\r\n 5"),
        .post("Content-Length: 50"), .post("X: y", "RFC 9110 §9.1: a method is any token"),
        RequestCase("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"),
        RequestCase("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
    ]

    static let codings: [RequestCase] = [
        .post("Transfer-Encoding: chunked\r\nContent-Length: 5"),
        .post("Content-Length: 5\r\nTransfer-Encoding: chunked"),
        .post("Content-Length: 5\r\nTransfer-Encoding: identity"),
        .post("Transfer-Encoding: gzip", "RFC 9112 §6.3: refused with the head, as the length is not known"),
        .post("Transfer-Encoding: identity", "RFC 9112 §6.3: refused with the head, as the length is not known"),
        .post("Transfer-Encoding: gzip, chunked", "RFC 9112 §6.1: a coding that is not understood is 501"),
        .post("Transfer-Encoding: chunked, gzip"),
        .post("Transfer-Encoding: chunked, chunked"),
        .post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        .post(
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "RFC 9112 §6.1: a coding that is not understood is refused"),
        .post("Transfer-Encoding:", "RFC 9112 §6.3: chunked is the last coding"),
        .post(
            "Transfer-Encoding: , chunked", "RFC 9110 §5.6.1: senders generate no empty elements; refused with the head"
        ), .post("Transfer-Encoding: chunked,"),
        .post("Transfer-Encoding: chunked;a=b", "RFC 9112 §7: chunked has no parameters; refused with the head"),
        .post("Transfer-Encoding: xchunked", "RFC 9112 §6.3: refused with the head, as the length is not known"),
        .post("Transfer-Encoding: chunkedx", "RFC 9112 §6.3: refused with the head, as the length is not known"),
        .post("Transfer-Encoding: \u{B}chunked"),
        .post("Transfer-Encoding: \"chunked\"", "RFC 9112 §7: a coding is a token; refused with the head"),
        .post("Transfer-Encoding : chunked"),
        .post("Transfer-Encoding: chun ked", "RFC 9112 §7: a coding is a token; refused with the head"),
        RequestCase(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "RFC 9112 §6.1: in HTTP/1.0 the framing is faulty"),
        RequestCase("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        RequestCase(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "RFC 9112 §5.1: white space around a value is not part of it"),
    ]

    static let chunks: [RequestCase] = [
        .chunked("0\r\n\r\n"), .chunked("5\r\nhello\r\n0\r\n\r\n"), .chunked("05\r\nhello\r\n000\r\n\r\n"),
        .chunked("A\r\n0123456789\r\n0\r\n\r\n"),
        .chunked("a\r\n0123456789\r\n0\r\n\r\n"), .chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        .chunked("5;a\r\nhello\r\n0;b\r\n\r\n"),
        .chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), .chunked("5;a=\"b;\\\"c\"\r\nhello\r\n0\r\n\r\n"),
        .chunked("5 ;a\r\nhello\r\n0\r\n\r\n", "RFC 9110 §5.6.3: bad white space is parsed"),
        .chunked("5; a\r\nhello\r\n0\r\n\r\n", "RFC 9110 §5.6.3: bad white space is parsed"),
        .chunked("5;a = b\r\nhello\r\n0\r\n\r\n", "RFC 9110 §5.6.3: bad white space is parsed"),
        .chunked("5 \r\nhello\r\n0\r\n\r\n"),
        .chunked("5;\r\nhello\r\n0\r\n\r\n"),
        .chunked("5;a=\r\nhello\r\n0\r\n\r\n", "RFC 9112 §7.1.1: a value is not empty"),
        .chunked("5;a=\"b\r\nhello\r\n0\r\n\r\n"), .chunked("5;a\u{0}\r\nhello\r\n0\r\n\r\n"),
        .chunked("5;a\u{E9}\r\nhello\r\n0\r\n\r\n"), .chunked(" 5\r\nhello\r\n0\r\n\r\n"),
        .chunked("+5\r\nhello\r\n0\r\n\r\n"), .chunked("-5\r\nhello\r\n0\r\n\r\n"),
        .chunked("0x5\r\nhello\r\n0\r\n\r\n"), .chunked("5_\r\nhello\r\n0\r\n\r\n"), .chunked("\r\nhello\r\n0\r\n\r\n"),
        .chunked("5\nhello\r\n0\r\n\r\n"), .chunked("5\rhello\r\n0\r\n\r\n"), .chunked("5\r\nhello\n0\r\n\r\n"),
        .chunked("5\r\nhelloXX0\r\n\r\n"), .chunked("5\r\nhello!\r\n0\r\n\r\n"), .chunked("5\r\nhello\r0\r\n\r\n"),
        .chunked("5\r\nhello\r\n0\r\n\n"), .chunked("5\r\nhello\r\n0\n\r\n"),
        .chunked("8000000000000000\r\nhello", "RFC 9112 §7.1: a size that does not fit is refused"),
        .chunked("7fffffffffffffff\r\nhello"), .chunked("fffffffffffffffff\r\nhello"),
        .chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
        .chunked("00000000000000005\r\nhello\r\n0\r\n\r\n", "RFC 9112 §7.1: more digits than our limit"),
        .chunked("5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n"), .chunked("5\r\nhello\r\n0\r\nX : y\r\n\r\n"),
        .chunked("5\r\nhello\r\n0\r\nX\r\n\r\n"), .chunked("5\r\nhello\r\n0\r\n X: y\r\n\r\n"),
        .chunked("5\r\nhello\r\n0\r\nX: y\n\r\n"),
        .chunked(
            "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", "RFC 9110 §6.5.1: trailers are kept apart and mean nothing"),
        .chunked(
            "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "RFC 9110 §6.5.1: trailers are kept apart and mean nothing"),
        .chunked("5\r\nhello\r\n0\r\nX: a\u{0}b\r\n\r\n"),
        .chunked(
            "5;" + String(repeating: "a", count: 20_000) + "\r\nhello\r\n0\r\n\r\n",
            "RFC 9112 §7.1.1: more extensions than our limit"),
    ]

    static let connections: [RequestCase] = [
        RequestCase("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase("GET /a HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n"),
        RequestCase(
            "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            "RFC 9112 §9.6: nothing is read behind the last request"),
        RequestCase(
            "GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n", "RFC 9112 §9.6: nothing is read behind the last request"),
        RequestCase("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n"),
        RequestCase(
            "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Close, x\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            "RFC 9112 §9.6: nothing is read behind the last request"),
        .fields("Connection: a b"), .fields("Connection:"), .fields("Expect: 100-continue"),
        .fields("Expect: other", "RFC 9110 §10.1.1: another expectation is 417"),
        .post("Content-Length: 5\r\nExpect: 100-continue"),
        .fields(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        ),
        .post(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5",
            "RFC 9110 §7.8: the connection goes on in HTTP until a 101"),
        .fields("Upgrade: h2c"),
    ]

    static let lineEnds: [RequestCase] = [
        RequestCase("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        RequestCase("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "RFC 9112 §2.2: one empty line is ignored"),
        RequestCase("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "RFC 9112 §2.2: an empty line is CRLF"),
        RequestCase("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", "RFC 9112 §2.2: a bare CR is refused"),
        RequestCase("GET / HTTP/1.1\nHost: a\n\n"),
        RequestCase("GET / HTTP/1.1\nHost: a\r\n\r\n"), RequestCase("GET / HTTP/1.1\r\nHost: a\n\r\n"),
        RequestCase("GET / HTTP/1.1\r\nHost: a\r\n\n"), RequestCase("GET / HTTP/1.1\rHost: a\r\r"),
        RequestCase("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"), RequestCase("GET / HTTP/1.1\r\nHost: a\r\n\rX"),
        RequestCase("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"), RequestCase("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"),
        RequestCase(
            "GET / HTTP/1.1\r\nX: a\u{85}b\r\nHost: a\r\n\r\n",
            "RFC 9110 §5.5: bytes beyond ASCII are opaque, not replaced"),
        RequestCase("GET / HTTP/1.1\r\nHost: a\r\n"), RequestCase("GET"), RequestCase(""),
        RequestCase("\r\n\r\n", "RFC 9112 §2.2: one empty line is ignored"),
        RequestCase("GET / HTTP/1.1\r\n\r\nHost: a\r\n\r\n", "RFC 9112 §3.2: Host is required"),
        .line(
            "GET /" + String(repeating: "a", count: 8200) + " HTTP/1.1",
            "RFC 9112 §3: a longer request line than our limit"),
        .fields("X: " + String(repeating: "a", count: 8200), "RFC 6585 §5: a longer field than our limit"),
        .line("GET /" + String(repeating: "a", count: 8000) + " HTTP/1.1"),
    ]
}
