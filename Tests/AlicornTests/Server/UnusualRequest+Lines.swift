// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension UnusualRequest {
    static let requestLines: [UnusualRequest] = [
        .line("RFC 9112 §3: two spaces", "GET  / HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3: a space at the end", "GET / HTTP/1.1 ", .refused(400)),
        .line("RFC 9112 §3: a space at the start", " GET / HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3: a tab for a space", "GET\t/ HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3: no version, as in HTTP/0.9", "GET /", .refused(400)),
        .line("RFC 9112 §3: one word", "GET", .refused(400)),
        .line("RFC 9112 §3.2: a space in the target", "GET /a b HTTP/1.1", .refused(400)),
        .line("RFC 9110 §9.1: a method is a token", "G(T / HTTP/1.1", .refused(400)),
        .line(
            "RFC 9110 §9.1: a method is case-sensitive, and the application's business", "get / HTTP/1.1",
            .served("get / HTTP/1.1")),
        .line("RFC 9110 §9.1: any token is a method", "BREW /pot HTTP/1.1", .served("BREW /pot HTTP/1.1", 404)),
        .line(
            "RFC 9112 §3: a method longer than any is 501",
            "METHODMETHODMETHODMETHODMETHODMETHODMETHODMETHODMETHOD / HTTP/1.1", .refused(501)),
        .line(
            "RFC 9110 §2.5: a higher minor version is served as the highest known", "GET / HTTP/1.9",
            .served("GET / HTTP/1.1")),
        .line("RFC 9110 §15.6.6: another major version is 505", "GET / HTTP/2.0", .refused(505)),
        .bytes("RFC 9113 §3.4: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .refused(505)),
        .line("RFC 9112 §2.3: one digit each", "GET / HTTP/1.10", .refused(400)),
        .line("RFC 9112 §2.3: the name is in capitals", "GET / http/1.1", .refused(400)),
        .line("RFC 9112 §2.3: the name is HTTP", "GET / HTTPS/1.1", .refused(400)),
        .line("RFC 9112 §2.3: 0.9 is no version that is served", "GET / HTTP/0.9", .refused(505)),
        .bytes(
            "RFC 9112 §2.2: one empty line in front is ignored", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\(next)",
            .served("GET / HTTP/1.1")),
        .bytes("RFC 9112 §2.2: no two of them", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\(next)", .refused(400)),
        .bytes(
            "RFC 9112 §2.2: an empty line ends in CRLF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\(next)", .refused(400)),
        .bytes(
            "RFC 9112 §3: a TLS hello is no request", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}\r\n\r\n",
            .refused(400)),
        .bytes("RFC 9112 §3: JSON is no request", "{\"op\": \"subscribe\"}\r\n\r\n", .refused(400)),
    ]

    static let targets: [UnusualRequest] = [
        .line("RFC 9112 §3.2.2: the absolute form", "GET http://a/ HTTP/1.1", .served("GET / HTTP/1.1")),
        .line(
            "RFC 9112 §3.2.2: the absolute form with port and query", "GET http://a:80/json?b HTTP/1.1",
            .served("GET /json?b HTTP/1.1")),
        .line("RFC 9110 §4.2.1: a host is not empty", "GET http:///json HTTP/1.1", .refused(400)),
        .line("RFC 9110 §4.2.4: user information is an error", "GET http://user:password@a/ HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3.2.3: the authority form is for CONNECT", "GET a:80 HTTP/1.1", .refused(400)),
        .line(
            "RFC 9112 §3.2.3: CONNECT has no tunnel here", "CONNECT a:443 HTTP/1.1",
            .served("CONNECT a%3A443 HTTP/1.1", 404)),
        .line("RFC 9112 §3.2.3: CONNECT has the authority form", "CONNECT / HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3.2.4: the asterisk form", "OPTIONS * HTTP/1.1", .served("OPTIONS %2A HTTP/1.1", 404)),
        .line("RFC 9112 §3.2.4: the asterisk is for OPTIONS", "GET * HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3.2: in none of the four forms", "GET json HTTP/1.1", .refused(400)),
        .line("RFC 9112 §3.2.1: a target has no fragment", "GET /#json HTTP/1.1", .refused(400)),
        .line("U-H-04: what is percent-encoded is decoded", "GET /%6Ason HTTP/1.1", .served("GET /json HTTP/1.1")),
        .line(
            "U-H-04: bad percent-encoding is taken as it is", "GET /%zz HTTP/1.1", .served("GET /%25zz HTTP/1.1", 404)),
        .line("RFC 3986 §3.3: two slashes are a path", "GET //json HTTP/1.1", .served("GET //json HTTP/1.1", 404)),
        .line(
            "RFC 9112 §3.2: dots are the application's business", "GET /../json HTTP/1.1",
            .served("GET /../json HTTP/1.1", 404)),
        .line("RFC 9110 §5.5: no NUL", "GET /\0 HTTP/1.1", .refused(400)),
        .line("RFC 9110 §5.5: no DEL", "GET /\u{7F} HTTP/1.1", .refused(400)),
        .line("RFC 3986 §2: bytes beyond ASCII", "GET /\u{E9} HTTP/1.1", .refused(400)),
    ]

    static let hosts: [UnusualRequest] = [
        .head("RFC 9112 §3.2: Host is required (P-23)", "X: y", .refused(400)),
        .head("RFC 9110 §7.2: an empty Host", "Host:", .refused(400)),
        .head("RFC 9112 §3.2: Host stands there once", "Host: a\r\nHost: a", .refused(400)),
        .head("RFC 9112 §3.2: Host stands there once, whatever its case", "Host: a\r\nhost: b", .refused(400)),
        .head("RFC 9110 §7.2: no list", "Host: a, b", .refused(400)),
        .head("RFC 9110 §7.2: no path", "Host: a/json", .refused(400)),
        .head("RFC 9110 §7.2: no user", "Host: user@a", .refused(400)),
        .head("RFC 9110 §7.2: a port is a number", "Host: a:http", .refused(400)),
        .head("RFC 9110 §7.2: a port that is none", "Host: a:65536", .refused(400)),
        .head("RFC 9110 §7.2: an address of IPv6", "Host: [::1]:80", .served("GET / HTTP/1.1")),
        .head("RFC 9110 §7.2: an address of IPv6 without its end", "Host: [::1", .refused(400)),
        .line(
            "RFC 9112 §3.2.2: another Host than the target's is ignored", "GET http://b/ HTTP/1.1",
            .served("GET / HTTP/1.1")),
        .bytes(
            "RFC 9112 §3.2: HTTP/1.0 needs none", "GET / HTTP/1.0\r\n\r\n",
            .answered([200], ["GET / HTTP/1.0"], .closed)),
    ]

    static let fieldLines: [UnusualRequest] = [
        .fields("RFC 9112 §5.1: no space before the colon", "X : y", .refused(400)),
        .fields("RFC 9112 §5: a colon", "X", .refused(400)),
        .fields("RFC 9110 §5.1: a name", ": y", .refused(400)),
        .fields("RFC 9110 §5.1: a name is a token", "X(y): z", .refused(400)),
        .fields("RFC 9110 §5.1: a name is ASCII", "X\u{E9}: y", .refused(400)),
        .fields("RFC 9110 §5.5: no NUL", "X: a\0b", .refused(400)),
        .fields("RFC 9110 §5.5: no control character", "X: a\u{1}b", .refused(400)),
        .fields("RFC 9110 §5.5: a tab is a blank", "X: a\tb", .served("GET / HTTP/1.1")),
        .fields("RFC 9110 §5.5: bytes beyond ASCII are opaque", "X: \u{FF}\u{80}", .served("GET / HTTP/1.1")),
        .fields("RFC 9112 §5.2: no folding", "X: a\r\n b", .refused(400)),
        .fields("RFC 9112 §5.2: no folding of nothing", "X: a\r\n \r\n", .refused(400)),
        .head("RFC 9112 §2.2: no blank before the first field", " Host: a", .refused(400)),
        .fields("RFC 9112 §2.2: no bare LF at a line's end", "X: a\nY: b", .refused(400)),
        .fields("RFC 9112 §2.2: no bare CR", "X: a\rY: b", .refused(400)),
        .fields("RFC 9112 §2.2: no CR too many", "X: a\r", .refused(400)),
        .bytes("RFC 9112 §2.2: no bare LF anywhere", "GET / HTTP/1.1\nHost: a\n\n", .refused(400)),
        .bytes("RFC 9112 §2.2: no bare LF at the head's end", "GET / HTTP/1.1\r\nHost: a\r\n\n\(next)", .refused(400)),
        .bytes(
            "RFC 9112 §8: the end of the connection inside a head", "GET / HTTP/1.1\r\nHost: a\r\n", endsInput: true,
            .refused(400)),
        .bytes("RFC 9112 §8: the end of the connection inside a request line", "GET /", endsInput: true, .refused(400)),
        .bytes(
            "RFC 9112 §9.5: the end of the connection before a request", "", endsInput: true, .answered([], [], .closed)
        ),
        .bytes(
            "RFC 9112 §9.5: the end of the connection behind a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            endsInput: true, .answered([200], ["GET / HTTP/1.1"], .closed)),
    ]
}
