// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Testing

@Suite("uvicorn's access lines")
struct AccessRecordLineTests {
    private func text(_ record: AccessRecord, _ rendering: LogLine.Rendering = .plain) -> String {
        var line = LogLine(rendering)
        line.append(record)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    private static func record(
        _ event: AccessRecord.Event, client: String = "127.0.0.1:50000", method: String = "GET",
        target: String = "/path?query", version: HTTPVersion = .http11, path: String = "/path"
    ) -> AccessRecord {
        AccessRecord(
            event, client: client, head: RequestHead(method: method, target: target, version: version), path: path)
    }

    /// A record, and the line that uvicorn 0.54.0 writes of the same, without and with colours.
    struct Row: Sendable, CustomTestStringConvertible {
        var record: AccessRecord
        var plain: String
        var styled: String
        var testDescription: String { plain }

        init(_ record: AccessRecord, _ plain: String, _ styled: String) {
            (self.record, self.plain, self.styled) = (record, plain, styled)
        }
    }

    static let requests: [Row] = [
        Row(
            record(.request(status: 200)),
            "127.0.0.1:50000 - \"GET /path?query HTTP/1.1\" 200 OK",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /path?query HTTP/1.1\u{1B}[0m\" \u{1B}[32m200 OK\u{1B}[0m"),
        Row(
            record(
                .request(status: 404), target: "/...?a=%2F&b=\"x\"",
                path: "/a/b c\u{E9}\u{1F984}+~!$&'()*,;=:@%\"\\\n\u{1B}[2J\u{7F}"),
            "127.0.0.1:50000 - \"GET /a/b%20c%C3%A9%F0%9F%A6%84%2B~%21%24%26%27%28%29%2A%2C%3B%3D%3A%40%25%22%5C%0A%1B%5B2J%7F"
                + "?a=%2F&b=\"x\" HTTP/1.1\" 404 Not Found",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /a/b%20c%C3%A9%F0%9F%A6%84%2B~%21%24%26%27%28%29%2A%2C%3B%3D%3A%40%25%22%5C%0A%1B"
                + "%5B2J%7F?a=%2F&b=\"x\" HTTP/1.1\u{1B}[0m\" \u{1B}[31m404 Not Found\u{1B}[0m"),
        Row(
            record(.request(status: 200), client: "", target: "/", version: .http10, path: "/"),
            " - \"GET / HTTP/1.0\" 200 OK",
            " - \"\u{1B}[1mGET / HTTP/1.0\u{1B}[0m\" \u{1B}[32m200 OK\u{1B}[0m"),
        Row(
            record(.request(status: 204), client: "::1:50000", method: "OPTIONS", target: "*", path: "*"),
            "::1:50000 - \"OPTIONS %2A HTTP/1.1\" 204 No Content",
            "::1:50000 - \"\u{1B}[1mOPTIONS %2A HTTP/1.1\u{1B}[0m\" \u{1B}[32m204 No Content\u{1B}[0m"),
        Row(
            record(.request(status: 599), method: "POST", target: "/?", path: ""),
            "127.0.0.1:50000 - \"POST  HTTP/1.1\" 599 ",
            "127.0.0.1:50000 - \"\u{1B}[1mPOST  HTTP/1.1\u{1B}[0m\" \u{1B}[91m599 \u{1B}[0m"),
        Row(
            record(.request(status: 999), method: "POST", target: "/%FF??", path: "/\u{FFFD}"),
            "127.0.0.1:50000 - \"POST /%EF%BF%BD?? HTTP/1.1\" 999 ",
            "127.0.0.1:50000 - \"\u{1B}[1mPOST /%EF%BF%BD?? HTTP/1.1\u{1B}[0m\" 999 "),
        Row(
            record(.request(status: 101)),
            "127.0.0.1:50000 - \"GET /path?query HTTP/1.1\" 101 Switching Protocols",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /path?query HTTP/1.1\u{1B}[0m\" "
                + "\u{1B}[97m101 Switching Protocols\u{1B}[0m"),
        Row(
            record(.request(status: 307)),
            "127.0.0.1:50000 - \"GET /path?query HTTP/1.1\" 307 Temporary Redirect",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /path?query HTTP/1.1\u{1B}[0m\" \u{1B}[33m307 Temporary Redirect\u{1B}[0m"
        ),
        Row(
            record(.request(status: 500)),
            "127.0.0.1:50000 - \"GET /path?query HTTP/1.1\" 500 Internal Server Error",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /path?query HTTP/1.1\u{1B}[0m\" "
                + "\u{1B}[91m500 Internal Server Error\u{1B}[0m"),
        Row(
            record(.request(status: 418)),
            "127.0.0.1:50000 - \"GET /path?query HTTP/1.1\" 418 I'm a Teapot",
            "127.0.0.1:50000 - \"\u{1B}[1mGET /path?query HTTP/1.1\u{1B}[0m\" \u{1B}[31m418 I'm a Teapot\u{1B}[0m"),
    ]

    @Test("requests: the same bytes as uvicorn's, with and without colours (U-LG-03, U-LG-04)", arguments: requests)
    func matchesUvicorn(row: Row) {
        #expect(text(row.record) == row.plain)
        #expect(text(row.record, .terminal) == row.styled)
    }

    @Test("phrases of statuses are those of Python's http.HTTPStatus")
    func phrases() {
        // Of Python 3.13; older ones have those of RFC 7231 for 413, 414, 416 and 422.
        let expected = [
            102: "Processing", 207: "Multi-Status", 208: "Already Reported", 226: "IM Used", 305: "Use Proxy",
            413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable",
            422: "Unprocessable Content", 423: "Locked", 424: "Failed Dependency", 425: "Too Early",
            431:
                "Request Header Fields Too Large", 506: "Variant Also Negotiates", 508: "Loop Detected",
            510: "Not Extended", 511: "Network Authentication Required", 299: "", 0: "", -1: "",
        ]
        for (status, phrase) in expected {
            #expect(text(Self.record(.request(status: status))).hasSuffix("\" \(status) \(phrase)"))
        }
    }

    @Test("handshakes: the same bytes as uvicorn's (U-LG-06)")
    func handshakes() {
        let accepted = Self.record(.handshake(status: 101), target: "/a%20b?q=1", path: "/a b")
        #expect(text(accepted) == "127.0.0.1:50000 - \"WebSocket /a%20b?q=1\" [accepted]")
        #expect(text(accepted, .terminal) == text(accepted))
        #expect(text(Self.record(.handshake(status: 403))) == "127.0.0.1:50000 - \"WebSocket /path?query\" 403")
        let refused = Self.record(.handshake(status: 404), client: "", target: "/a%20b", path: "/a b")
        #expect(text(refused) == " - \"WebSocket /a%20b\" 404")
    }

    @Test("the end of a WebSocket connection is a line with code, reason, duration and messages (P-27)")
    func ends() {
        var record = Self.record(.end(code: 1000, reason: "", messagesReceived: 5, messagesSent: 6), target: "/path")
        #expect(text(record) == "127.0.0.1:50000 - \"WebSocket /path\" [closed 1000, 5 received, 6 sent]")
        record.duration = .milliseconds(12_345)
        #expect(text(record) == "127.0.0.1:50000 - \"WebSocket /path\" [closed 1000, 12.345 s, 5 received, 6 sent]")
        record.event = .end(code: 4000, reason: "so \"\n", messagesReceived: 0, messagesSent: 1)
        #expect(
            text(record)
                == "127.0.0.1:50000 - \"WebSocket /path\" [closed 4000 \"so \\\"\\n\", 12.345 s, 0 received, 1 sent]")
    }

    @Test("a duration that makes no sense is a number all the same", arguments: [Duration.seconds(-1), .zero])
    func strangeDurations(duration: Duration) {
        var record = Self.record(.end(code: 1006, reason: "", messagesReceived: 0, messagesSent: 0))
        record.duration = duration
        #expect(text(record).contains(", 0.000 s,"))
        record.duration = .seconds(Int64.max)
        #expect(text(record).contains(", 9223372036.854 s,"))
    }

    @Test("nothing that a client sends can begin a line or drive a terminal")
    func hostile() {
        let hostile = "x\r\nINFO:     forged\u{1B}[2J\u{9B}"
        for event: AccessRecord.Event in [
            .request(status: 200), .handshake(status: 101), .handshake(status: 403),
            .end(code: 1000, reason: hostile, messagesReceived: 0, messagesSent: 0),
        ] {
            let record = Self.record(event, client: hostile, method: hostile, target: "/?" + hostile, path: hostile)
            #expect(text(record).utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        }
    }
}
