// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Testing

@Suite("Lines in a format of one's own")
struct AccessLogFormatLineTests {
    private static let time = WallTime(unixSeconds: 784_111_777)

    private func text(_ record: AccessRecord, _ format: String) throws -> String {
        var line = LogLine()
        line.append(record, as: try AccessLogFormat(format), at: Self.time)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    private static func record(
        _ event: AccessRecord.Event, client: String = "127.0.0.1:50000", fields: KeyValuePairs<String, String> = [:]
    ) throws -> AccessRecord {
        var head = RequestHead(method: "GET", target: "/a%20b?q=%2F&r=\"")
        for (name, value) in fields { try head.fields.append(name: name, value: value) }
        return AccessRecord(event, client: client, head: head, path: "/mount/a b")
    }

    @Test(
        "a request: gunicorn's and hypercorn's atoms (P-35)",
        arguments: [
            ("%(h)s", "127.0.0.1:50000"), ("%(l)s", "-"), ("%(u)s", "me"), ("%(t)s", "[06/Nov/1994:08:49:37 +0000]"),
            ("%(r)s", #"GET /mount/a%20b?q=%2F&r=\" HTTP/1.1"#), ("%(m)s", "GET"), ("%(U)s", "/mount/a%20b"),
            ("%(q)s", #"q=%2F&r=\""#), ("%(H)s", "HTTP/1.1"), ("%(s)s", "207"), ("%(st)s", "Multi-Status"),
            ("%(b)s", "77"), ("%(B)s", "77"), ("%(f)s", "http://x/"), ("%(a)s", #"Mo\"z\\ \t"#), ("%(T)s", "1"),
            ("%(M)s", "1002"), ("%(D)s", "1002003"), ("%(L)s", "1.002003"), ("%(c)s%(cr)s%(mi)s%(mo)s", "----"),
            ("%({ACCEPT}i)s", "*/*"), ("%({x-id}o)s", "é"), ("%({none}i)s %({none}o)s", "- -"),
            ("100%% of \"%(m)s\"\\n, é", "100% of \"GET\"\\n, é"), ("%(m)s%(m)s", "GETGET"),
        ])
    func request(format: String, expected: String) throws {
        var record = try Self.record(
            .request(status: 207),
            fields: [
                "Accept": "*/*", "Authorization": BasicCredentials(username: "me", password: "secret").authorization,
                "Referer": "http://x/", "User-Agent": "Mo\"z\\ \t",
            ])
        record.duration = .microseconds(1_002_003)
        record.bytesSent = 77
        try record.responseFields.append(name: "X-Id", value: "é")
        #expect(try text(record, format) == expected)
    }

    @Test("what is not known is a dash")
    func unknown() throws {
        let record = try Self.record(.request(status: 200), client: "")
        let format = "%(h)s %(u)s %(b)s %(B)s %(T)s %(M)s %(D)s %(L)s %(f)s %(a)s %(c)s"
        #expect(try text(record, format) == "- - - - - - - - - - -")
    }

    @Test("a WebSocket connection")
    func webSocket() throws {
        let format = "%(s)s %(st)s %(c)s \"%(cr)s\" %(mi)s %(mo)s"
        let refused = try Self.record(.handshake(status: 403))
        #expect(try text(refused, format) == "403 Forbidden - \"-\" - -")
        let ended = try Self.record(.end(code: 1011, reason: "no \"pong\"\n", messagesReceived: 3, messagesSent: 4))
        #expect(try text(ended, format) == #"101 Switching Protocols 1011 "no \"pong\"\n" 3 4"#)
    }

    @Test("nothing that comes from outside breaks the line or ends a quotation")
    func hostile() throws {
        let hostile = "\" 200 \u{1B}[2J\u{85}\u{9B}\t"
        var record = AccessRecord(
            .request(status: 200), client: hostile, head: RequestHead(method: hostile, target: "/?" + hostile),
            path: hostile)
        for name in ["Referer", "User-Agent", "X"] {
            // A value has no control character but the tab; those of C1 are characters of ISO-8859-1.
            try record.head.fields.append(name: name, value: "\" 200 \u{85}\u{9B}\t")
            try record.responseFields.append(name: name, value: "\" 200 \u{85}\u{9B}\t")
        }
        let atoms = ["h", "r", "m", "U", "q", "f", "a", "{x}i", "{x}o"]
        for atom in atoms {
            let line = try text(record, "\"%(\(atom))s\"")
            #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(atom)")
            #expect(line.replacing("\\\"", with: "").utf8.count { $0 == UInt8(ascii: "\"") } == 2, "\(atom)")
        }
    }
}
