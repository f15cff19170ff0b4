// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension UnusualRequest {
    static let lengths: [UnusualRequest] = [
        .post("RFC 9110 §8.6: a length", "Content-Length: 5", .served("POST /echo HTTP/1.1")),
        .post("RFC 9110 §8.6: leading zeros", "Content-Length: 0005", .served("POST /echo HTTP/1.1")),
        .post("RFC 9110 §8.6: no sign", "Content-Length: +5", .refused(400)),
        .post("RFC 9110 §8.6: nothing below zero", "Content-Length: -5", .refused(400)),
        .post("RFC 9110 §8.6: no hexadecimal", "Content-Length: 0x5", .refused(400)),
        .post("RFC 9110 §8.6: no fraction", "Content-Length: 5.0", .refused(400)),
        .post("RFC 9110 §8.6: no word", "Content-Length: five", .refused(400)),
        .post("RFC 9110 §8.6: no blank inside", "Content-Length: 5 5", .refused(400)),
        .post("RFC 9110 §8.6: not empty", "Content-Length:", .refused(400)),
        .post("RFC 9110 §8.6: no list", "Content-Length: 5, 5", .refused(400)),
        .post("RFC 9112 §6.3: no two, even if they agree", "Content-Length: 5\r\nContent-Length: 5", .refused(400)),
        .post("RFC 9112 §6.3: no two (U-H-12)", "Content-Length: 5\r\nContent-Length: 0", .refused(400)),
        .post("RFC 9110 §8.6: what does not fit into 64 bits", "Content-Length: 18446744073709551621", .refused(400)),
        .post("RFC 9110 §8.6: what does not fit into 63 bits", "Content-Length: 9223372036854775808", .refused(400)),
        .post("RFC 9112 §5.2: not folded", "Content-Length:\r\n 5", .refused(400)),
        .post("RFC 9110 §8.6: no digits of another script", "Content-Length: \u{B2}", .refused(400)),
        .bytes(
            "RFC 9112 §8: the end of the connection inside a body",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhello", endsInput: true,
            .answered([200], ["POST /echo HTTP/1.1"], .closed)),
        .bytes(
            "RFC 9110 §9.3.1: a body of GET is read, and nobody's request",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 34\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\(next)",
            .served("GET / HTTP/1.1")),
    ]

    static let codings: [UnusualRequest] = [
        .post(
            "RFC 9112 §7.1: chunked", "Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\n\r\n",
            .served("POST /echo HTTP/1.1")),
        .post(
            "RFC 9112 §7: whatever its case", "transfer-encoding:\tChunKED\t", body: "5\r\nhello\r\n0\r\n\r\n",
            .served("POST /echo HTTP/1.1")),
        .post(
            "RFC 9112 §6.1: another coding is 501", "Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n", .refused(501)
        ),
        .post(
            "RFC 9110 §5.3: another coding in a field of its own is 501, too",
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n\(smuggled)", .refused(501)),
        .post(
            "RFC 9112 §6.3: chunked is the last, of all fields",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", body: "0\r\n\r\n", .refused(400)),
        .post(
            "RFC 9112 §6.3: chunked is the last", "Transfer-Encoding: chunked, gzip", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §6.3: chunked is there", "Transfer-Encoding: gzip", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §7: identity is no coding", "Transfer-Encoding: identity", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §7.1: chunked once", "Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n", .refused(400)),
        .post(
            "RFC 9112 §7.1: chunked once, in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §6.1: not empty", "Transfer-Encoding:", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9110 §5.6.1: no empty element", "Transfer-Encoding: ,chunked", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §7.1: no parameters", "Transfer-Encoding: chunked;q=1", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §7: no longer word", "Transfer-Encoding: xchunked", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §7: no quoted word", "Transfer-Encoding: \"chunked\"", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9110 §5.5: no vertical tab", "Transfer-Encoding: \u{B}chunked", body: "0\r\n\r\n", .refused(400)),
        .post(
            "RFC 9112 §5.1: no space before the colon", "Transfer-Encoding : chunked", body: "0\r\n\r\n", .refused(400)),
        .post("RFC 9112 §5.2: not folded", "Transfer-Encoding:\r\n chunked", body: "0\r\n\r\n", .refused(400)),
        .bytes(
            "RFC 9112 §6.1: not in HTTP/1.0",
            "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(next)", .refused(400)),
        .post(
            "RFC 9110 §6.5: TE is not Transfer-Encoding", "TE: chunked\r\nContent-Length: 5",
            .served("POST /echo HTTP/1.1")),
    ]

    static let chunks: [UnusualRequest] = [
        .chunked(
            "RFC 9112 §7.1: sizes of either case, and zeros in front",
            "0A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n", .served("POST /echo HTTP/1.1")),
        .chunked("RFC 9112 §7.1: no sign", "+5\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: nothing below zero", "-5\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no prefix", "0x5\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no underscore", "1_0\r\n0123456789012345\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: a size", "\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no blank in front", " 5\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no blank behind", "5 \r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: a size that does not fit", "ffffffffffffffff0\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: a size beyond 63 bits", "8000000000000000\r\nhello", .refused(400)),
        .chunked("RFC 9112 §7.1: no bare LF behind a size", "5\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no bare CR behind a size", "5\rhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no bare LF behind data", "5\r\nhello\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: CRLF behind data", "5\r\nhelloXX0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no more data than its size", "5\r\nhello!\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no bare LF behind the last chunk", "5\r\nhello\r\n0\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1: no bare LF behind the trailers", "5\r\nhello\r\n0\r\n\n", .refused(400)),
        .chunked(
            "RFC 9112 §7.1.1: extensions are ignored", "5;a;b=c;d=\"e;\\\"f\"\r\nhello\r\n0;g\r\n\r\n",
            .served("POST /echo HTTP/1.1")),
        .chunked("RFC 9112 §7.1.1: an extension has a name", "5;\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1.1: an extension's value is not empty", "5;a=\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1.1: a quoted value ends", "5;a=\"b\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1.1: no bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1.1: no bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §7.1.1: no control character in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked(
            "RFC 9112 §7.1.1: more extensions than anybody needs",
            "5;\(String(repeating: "a", count: 20_000))\r\nhello\r\n0\r\n\r\n", .refused(413)),
        .chunked("RFC 9112 §7.1.2: trailers", "5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n", .served("POST /echo HTTP/1.1")),
        .chunked(
            "RFC 9110 §6.5.1: trailers frame nothing",
            "5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n",
            .served("POST /echo HTTP/1.1")),
        .chunked("RFC 9112 §5.1: no space before a trailer's colon", "5\r\nhello\r\n0\r\nX : y\r\n\r\n", .refused(400)),
        .chunked("RFC 9112 §5.2: no folded trailer", "5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n", .refused(400)),
        .chunked("RFC 9110 §5.5: no NUL in a trailer", "5\r\nhello\r\n0\r\nX: \0\r\n\r\n", .refused(400)),
        .chunked(
            "RFC 6585 §5: more trailers than anybody needs", "0\r\n\(String(repeating: "X: y\r\n", count: 5000))\r\n",
            .refused(431)),
        .bytes(
            "RFC 9112 §8: the end of the connection inside a chunk",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", endsInput: true,
            .answered([200], ["POST /echo HTTP/1.1"], .closed)),
        .bytes(
            "RFC 9112 §8: the end of the connection between chunks",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", endsInput: true,
            .answered([200], ["POST /echo HTTP/1.1"], .closed)),
    ]

    static let smuggling: [UnusualRequest] = [
        .post(
            "CL.TE: both are refused (U-H-11)", "Content-Length: 40\r\nTransfer-Encoding: chunked",
            body: "0\r\n\r\n\(smuggled)", .refused(400)),
        .post(
            "TE.CL: both are refused, in either order (U-H-11)", "Transfer-Encoding: chunked\r\nContent-Length: 4",
            body: "24\r\n\(smuggled)\r\n0\r\n\r\n", .refused(400)),
        .post(
            "TE.TE: a coding that hides behind another", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
            body: "0\r\n\r\n\(smuggled)", .refused(400)),
        .post(
            "TE.TE: a coding that hides behind another name", "Transfer_Encoding: chunked\r\nContent-Length: 5",
            body: "0\r\n\r\n", .served("POST /echo HTTP/1.1")),
        .post(
            "TE.TE: a coding in a folded field", "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 5",
            body: "0\r\n\r\n", .refused(400)),
        .post(
            "TE.TE: a coding behind a bare LF", "X: y\nTransfer-Encoding: chunked", body: "0\r\n\r\n\(smuggled)",
            .refused(400)),
        .post(
            "TE.TE: a coding behind a bare CR", "X: y\rTransfer-Encoding: chunked", body: "0\r\n\r\n\(smuggled)",
            .refused(400)),
        .post(
            "TE.CL: a length in HTTP/1.1 beside a coding that is unknown", "Transfer-Encoding: x\r\nContent-Length: 5",
            body: "\(smuggled)", .refused(400)),
        .bytes(
            "CL.0: a body that the application does not read is no request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\n\(smuggled)\(next)",
            .served("POST / HTTP/1.1", 405)),
        .bytes(
            "CL.0: nor is a chunked one",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n\(smuggled)\r\n0\r\n\r\n\(next)",
            .served("POST / HTTP/1.1", 405)),
        .bytes(
            "0.CL: without a length there is no body", "POST /echo HTTP/1.1\r\nHost: a\r\n\r\n\(next)",
            .served("POST /echo HTTP/1.1")),
        .bytes(
            "0.CL: what is sent as a body without a length is a request, and must be one",
            "POST /echo HTTP/1.1\r\nHost: a\r\n\r\nhello\(next)",
            .answered([200, 404], ["POST /echo HTTP/1.1", "helloGET /next HTTP/1.1"], .open)),
        .bytes(
            "0.CL: a length of 0 that is followed by a body",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nx=1\r\n\(next)",
            .answered([200, 400], ["POST /echo HTTP/1.1"], .closed)),
        .bytes(
            "a length in a refused request frames nothing",
            "POST /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n\(smuggled)", .refused(400)),
        .bytes(
            "an empty line between two requests is ignored", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\(next)",
            .served("GET / HTTP/1.1")),
        .chunked(
            "a request in a chunk's extension", "5;a=\"\r\n\r\n\(smuggled)\"\r\nhello\r\n0\r\n\r\n", .refused(400)),
        .chunked(
            "a request behind a chunk's extension that ends in LF", "2;\nxx\r\n23\r\n0\r\n\r\n\(smuggled)\r\n0\r\n\r\n",
            .refused(400)),
        .chunked("a request in the data of a chunk", "23\r\n\(smuggled)\r\n0\r\n\r\n", .served("POST /echo HTTP/1.1")),
        .chunked(
            "a chunk's size that wraps round in 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n\(smuggled)",
            .refused(400)),
        .chunked(
            "a last chunk that is not the last", "0\r\n\r\n0\r\n\r\n",
            .answered([200, 400], ["POST /echo HTTP/1.1"], .closed)),
        .bytes(
            "a request behind one that ends the connection",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\(smuggled)",
            .answered([200], ["GET / HTTP/1.1"], .closed)),
        .bytes(
            "a request behind one of HTTP/1.0", "GET / HTTP/1.0\r\n\r\n\(smuggled)",
            .answered([200], ["GET / HTTP/1.0"], .closed)),
        .opening(
            "frames behind an upgrade that is refused are no request",
            "Sec-WebSocket-Key: again\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n",
            .refusedHandshake(400, "more than one Sec-WebSocket-Key header")),
    ]
}
