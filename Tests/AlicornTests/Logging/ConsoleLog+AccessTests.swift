// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornProtocol
import Testing

@Suite("The access log")
struct ConsoleLogAccessTests {
    private static func record(_ event: AccessRecord.Event) -> AccessRecord {
        AccessRecord(
            event, client: "127.0.0.1:50000", head: RequestHead(method: "GET", target: "/a%20b?c"), path: "/a b",
            duration: .microseconds(1_234_567), bytesSent: 89)
    }

    private static let end = AccessRecord.Event.end(code: 1000, reason: "bye", messagesReceived: 5, messagesSent: 6)

    /// Writes what a connection of each kind does, as a server does: not if the log says that it does not write it.
    private func writeAll(_ log: ConsoleLog) {
        if log.writesAccess { log.write(access: Self.record(.request(status: 200))) }
        guard log.writesWebSocketAccess else { return }
        for event in [.handshake(status: 101), .handshake(status: 403), Self.end] {
            log.write(access: Self.record(event))
        }
    }

    private static let request = "INFO:     127.0.0.1:50000 - \"GET /a%20b?c HTTP/1.1\" 200 OK\n"
    private static let webSockets = """
        INFO:     127.0.0.1:50000 - "WebSocket /a%20b?c" [accepted]
        INFO:     127.0.0.1:50000 - "WebSocket /a%20b?c" 403
        INFO:     127.0.0.1:50000 - "WebSocket /a%20b?c" [closed 1000 "bye", 1.234 s, 5 received, 6 sent]

        """

    @Test("it is on standard output, with the WebSocket connections (U-LG-01, U-LG-04, P-27)")
    func standardOutput() {
        let piped = PipedLog()
        writeAll(piped.log)
        #expect(piped.takeOutput() == Self.request + Self.webSockets)
        #expect(piped.takeErrors() == "")
        #expect(!piped.log.accessNeedsEnd)
    }

    @Test("as uvicorn has it, WebSocket connections have their lines with the server's (U-LG-06)")
    func serverLog() {
        let piped = PipedLog { $0.webSocketAccess = .serverLog }
        writeAll(piped.log)
        #expect(piped.takeOutput() == Self.request)
        #expect(piped.takeErrors() == Self.webSockets)
    }

    @Test("--no-access-log silences what is in it (U-C-31), and not what is not (U-LG-06)")
    func off() {
        let piped = PipedLog { $0.writesAccess = false }
        #expect(!piped.log.writesAccess && !piped.log.writesWebSocketAccess)
        let asUvicorn = PipedLog {
            $0.writesAccess = false
            $0.webSocketAccess = .serverLog
        }
        #expect(!asUvicorn.log.writesAccess && asUvicorn.log.writesWebSocketAccess)
        for event in [.request(status: 200), .handshake(status: 101), .handshake(status: 403), Self.end] {
            piped.log.write(access: Self.record(event))
            asUvicorn.log.write(access: Self.record(event))
        }
        #expect(piped.takeOutput() + piped.takeErrors() + asUvicorn.takeOutput() == "")
        #expect(asUvicorn.takeErrors() == Self.webSockets)
    }

    @Test("its lines are INFO", arguments: [ConsoleLog.WebSocketAccess.accessLog, .serverLog])
    func level(webSocketAccess: ConsoleLog.WebSocketAccess) {
        let piped = PipedLog {
            $0.level = .warning
            $0.webSocketAccess = webSocketAccess
        }
        #expect(!piped.log.writesAccess && !piped.log.writesWebSocketAccess)
        piped.log.write(access: Self.record(.request(status: 200)))
        piped.log.write(access: Self.record(Self.end))
        #expect(piped.takeOutput() + piped.takeErrors() == "")
    }

    @Test("colours are in the lines of requests alone (U-LG-03)")
    func colors() {
        let piped = PipedLog { $0.colors = .on }
        piped.log.write(access: Self.record(.request(status: 200)))
        piped.log.write(access: Self.record(.handshake(status: 403)))
        #expect(
            piped.takeOutput() == """
                \u{1B}[32mINFO\u{1B}[0m:     127.0.0.1:50000 - "\u{1B}[1mGET /a%20b?c HTTP/1.1\u{1B}[0m" \
                \u{1B}[32m200 OK\u{1B}[0m
                \u{1B}[32mINFO\u{1B}[0m:     127.0.0.1:50000 - "WebSocket /a%20b?c" 403

                """)
    }

    @Test("with a format each request and connection is one line, and that alone (P-35)")
    func format() throws {
        let format = try AccessLogFormat("%(t)s %(s)s %(D)s %(c)s")
        let piped = PipedLog { $0.accessFormat = format }
        writeAll(piped.log)
        #expect(
            piped.takeOutput() == """
                [06/Nov/1994:08:49:37 +0000] 200 1234567 -
                [06/Nov/1994:08:49:37 +0000] 403 1234567 -
                [06/Nov/1994:08:49:37 +0000] 101 1234567 1000

                """)
        #expect(piped.log.accessNeedsEnd)
        let atStart = try AccessLogFormat("%(s)s")
        #expect(!PipedLog { $0.accessFormat = atStart }.log.accessNeedsEnd)
    }

    @Test("a format is not for the server's lines")
    func formatAndServerLog() throws {
        let format = try AccessLogFormat("%(s)s")
        let piped = PipedLog {
            $0.accessFormat = format
            $0.webSocketAccess = .serverLog
        }
        writeAll(piped.log)
        #expect(piped.takeOutput() == "200\n")
        #expect(piped.takeErrors() == Self.webSockets)
    }

    @Test("as JSON a record has a field for everything that is known")
    func json() {
        let piped = PipedLog { $0.format = .json }
        #expect(piped.log.accessNeedsEnd)
        piped.log.write(access: Self.record(.request(status: 200)))
        piped.log.write(access: Self.record(Self.end))
        let refused = AccessRecord(
            .handshake(status: 403), client: "", head: RequestHead(method: "GET", target: "/", version: .http10),
            path: "/")
        piped.log.write(access: refused)
        let all = #"{"timestamp":"1994-11-06T08:49:37.007Z","level":"info","logger":"uvicorn.access","message":"#
        let head = #""client":"127.0.0.1:50000","method":"GET","path":"/a b","query":"c","http_version":"1.1","#
        #expect(
            piped.takeOutput() == """
                \(all)"127.0.0.1:50000 - \\"GET /a%20b?c HTTP/1.1\\" 200 OK","event":"request",\(head)\
                "status":200,"duration_ms":1234.567,"bytes":89}
                \(all)"127.0.0.1:50000 - \\"WebSocket /a%20b?c\\" [closed 1000 \\"bye\\", 1.234 s, 5 received, 6 sent]",\
                "event":"end",\(head)"status":101,"duration_ms":1234.567,"bytes":89,\
                "close_code":1000,"close_reason":"bye","messages_received":5,"messages_sent":6}
                \(all)" - \\"WebSocket /\\" 403","event":"handshake","method":"GET","path":"/","query":"",\
                "http_version":"1.0","status":403}

                """)
    }

    @Test("as JSON what opens and what ends are both told; a format makes the message")
    func jsonWithFormat() throws {
        let format = try AccessLogFormat("%(s)s %(c)s")
        let piped = PipedLog {
            $0.format = .json
            $0.accessFormat = format
        }
        writeAll(piped.log)
        let lines = piped.takeOutput().split(separator: "\n")
        let messages = [
            #""message":"200 -","#, #""message":"101 -","#, #""message":"403 -","#, #""message":"101 1000","#,
        ]
        #expect(lines.count == messages.count)
        for (line, message) in zip(lines, messages) { #expect(line.contains(message)) }
    }
}
