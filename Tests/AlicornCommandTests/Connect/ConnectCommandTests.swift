// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite("alicorn connect, from a pipe", .timeLimit(.minutes(2)))
struct ConnectCommandTests {
    /// The head that a server gets.
    ///
    /// - Parameter preparation: what a shell does before.
    private func head(after preparation: String = ":", _ options: [String]) async throws -> String {
        let listener = try ScriptedListener()
        let command = try RunningCommand(
            after: preparation,
            ["connect", "ws://server.example/path", "--connect-to", "127.0.0.1:\(listener.port)"] + options)
        let peer = try await listener.accept()
        let head = try await peer.receiveHead()
        command.interrupt()
        #expect(await command.status() == 130)
        withExtendedLifetime(peer) {}
        return head
    }

    @Test("options are header fields")
    func fields() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data("from a file\n".utf8).write(to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sent = try await head([
            "-H", "X-One: 1", "--header", "X-Two:2", "--origin", "https://a.example", "--subprotocol", "chat,feed",
            "--subprotocol",
            "more", "--cookie", "a=1", "--cookie", "b=2", "--user", "Ada:pass:word", "--user-agent", "tester",
            "--no-deflate",
        ])
        for line in [
            "GET /path HTTP/1.1", "Host: server.example", "X-One: 1", "X-Two: 2", "Origin: https://a.example",
            "Sec-WebSocket-Protocol: chat, feed, more", "Cookie: a=1; b=2", "Authorization: Basic QWRhOnBhc3M6d29yZA==",
            "User-Agent: tester",
        ] { #expect(sent.contains("\(line)\r\n"), "\(sent)") }
        #expect(!sent.contains("Sec-WebSocket-Extensions"))
        #expect(try await head(["--bearer", "token"]).contains("Authorization: Bearer token\r\n"))
        #expect(try await head(["--bearer", "@\(folder.path)"]).contains("Authorization: Bearer from a file\r\n"))
        // A pipe, as a shell's <(...) is, can be read once.
        let piped = try await head(after: "exec 3<<END\nfrom a pipe\nEND\n:", ["--bearer", "@/dev/fd/3"])
        #expect(piped.contains("Authorization: Bearer from a pipe\r\n"))
        #expect(try await head([]).contains("Sec-WebSocket-Extensions: permessage-deflate"))
    }

    @Test("lines are sent as what --send says, and binary messages shown as what --show says")
    func encodings() async throws {
        let server = try await ListeningCommand.start(["--echo"])
        let client = try RunningCommand(
            "connect", server.address, "--send", "hex", "--show", "base64", "--timeout", "0.2")
        try client.write("00 ff\nzz\n/close\n0a\n")
        try client.closeInput()
        #expect(await client.nextLine() == "AP8=")
        #expect(await client.nextLine() == "Cg==")
        #expect(await client.status() == 0)
        try await client.expectLines(["this is no hex: \"zz\"", "this is no hex: \"/close\""])
        try await server.stop()
    }

    @Test("JSON both ways, for programs")
    func json() async throws {
        let server = try await ListeningCommand.start(["--echo"])
        let client = try RunningCommand("connect", "--jsonl", server.address)
        try client.write(
            #"{"text": "a\nb"}"# + "\n" + #"{"base64": "AP8="}"# + "\n" + #"{"ping": "p"}"# + "\n"
                + #"{"close": 4000, "reason": "done"}"# + "\n")
        var events: [[String: Any]] = []
        while let line = await client.nextLine() {
            events.append(try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]))
        }
        #expect(await client.status() == 3)
        #expect(events.map { $0["event"] as? String ?? "" }.sorted() == ["binary", "close", "open", "pong", "text"])
        func value(_ event: String, _ key: String) -> String {
            "\(events.first { $0["event"] as? String == event }?[key] ?? "")"
        }
        #expect(value("text", "text") == "a\nb")
        #expect(value("binary", "base64") == "AP8=")
        #expect(value("close", "code") == "4000")
        #expect(try #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/#.wholeMatch(in: value("open", "time")) != nil)
        #expect(Double(value("pong", "milliseconds")).map { $0 > 0 } == true)
        try await server.stop()
    }

    @Test("with --reconnect a lost connection is no end")
    func reconnecting() async throws {
        let server = try await ListeningCommand.start(["--cut", "--after", "1"])
        let client = try RunningCommand("connect", "--jsonl", "--reconnect", server.address)
        try client.write(#"{"text": "cut me"}"# + "\n")
        var lines: [String] = []
        while let line = await client.nextLine() {
            lines.append(line)
            if line.contains("The next attempt is in") { break }
        }
        #expect(lines.contains { $0.contains(#""event":"close""#) && $0.contains(#""code":1006"#) })
        client.interrupt()
        #expect(await client.status() == 130)
        try await server.stop()
    }

    @Test("with --verbose the wire is on standard error")
    func verbose() async throws {
        let server = try await ListeningCommand.start(["--echo"])
        let client = try RunningCommand("connect", "--verbose", "--timeout", "0.2", server.address)
        try client.write("hello\n")
        #expect(await client.nextLine() == "hello")
        try client.closeInput()
        #expect(await client.status() == 0)
        for text in [
            "> GET / HTTP/1.1", "< HTTP/1.1 101 Switching Protocols", "> TEXT 'hello' [5 bytes]",
            "< TEXT 'hello' [5 bytes]",
        ] {
            _ = try await client.complaintLine(containing: text)
        }
        try await server.stop()
    }

    @Test("with --verbose and --jsonl lines of the wire are objects, too")
    func verboseObjects() async throws {
        let server = try await ListeningCommand.start(["--echo"])
        let client = try RunningCommand("connect", "--verbose", "--jsonl", server.address)
        try client.write(#"{"text": "hello"}"# + "\n")
        var lines: [String] = []
        while let line = await client.nextLine() {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
            if line.contains(#""event":"wire""#) { lines.append(line) }
            if line.contains(#""event":"text""#) { try client.write(#"{"close": 1000}"# + "\n") }
        }
        #expect(await client.status() == 0)
        for text in ["> GET / HTTP/1.1", "> TEXT 'hello' [5 bytes]", "< TEXT 'hello' [5 bytes]"] {
            #expect(lines.contains { $0.contains(#""message":"\#(text)""#) }, "\(lines)")
        }
        #expect(client.complaint == "")
        try await server.stop()
    }

    @Test("a Unix socket")
    func unixSocket() async throws {
        let path = "/tmp/alicorn-\(UUID().uuidString.prefix(8))"
        let server = try RunningCommand("listen", "--echo", "--uds", path)
        #expect(await server.nextLine() == "listening on unix:\(path)")
        let client = try RunningCommand("connect", "ws://localhost/", "--uds", path, "--timeout", "0.2")
        try client.write("hello\n")
        #expect(await client.nextLine() == "hello")
        try client.closeInput()
        #expect(await client.status() == 0)
        server.terminate()
        #expect(await server.status() == 0)
    }

    @Test(
        "options that nothing can be made of are a sentence and 2",
        arguments: [
            (["--header", "x"], "is not Name: Value"), (["--user", "x"], "--user must be a name and a password"),
            (["--bearer", "@/missing"], "the file cannot be read"), (["--proxy", "ftp://x"], "ftp"),
            (["--connect-to", "a b"], "a b"), (["--insecure", "--ca", "x"], "exclude each other"),
            (["-4", "-6"], "exclude each other"),
            (["--key", "x"], "--key needs --cert"), (["--jsonl", "--pretty"], "leave --pretty"),
            (["--send", "x"], "--send"),
            (["--timeout", "0"], "more than 0"), (["--max-size=-1"], "negative"),
        ])
    func wrongOptions(options: [String], part: String) async throws {
        let client = try RunningCommand(["connect", "ws://127.0.0.1/"] + options)
        #expect(await client.status() == 2)
        #expect(try await client.complaintLine(containing: part).hasPrefix("Error: "))
    }

    @Test("binary garbage from a server is 1 and a sentence")
    func garbage() async throws {
        let listener = try ScriptedListener()
        let client = try RunningCommand("connect", "ws://127.0.0.1:\(listener.port)/")
        let peer = try await listener.accept()
        _ = try await peer.receiveHead()
        try await peer.send([0x00, 0xFF, 0x16, 0x03, 0x0A] + [UInt8](repeating: 0x80, count: 1000))
        peer.finishWriting()
        #expect(await client.status() == 1)
        try await client.expectOneSentence(containing: "alicorn: ")
    }
}

extension RunningCommand {
    /// Standard error has these lines, and no other.
    func expectLines(_ expected: [String]) async throws {
        for line in expected { #expect(await nextErrorLine() == line) }
        #expect(await nextErrorLine() == nil)
    }
}
