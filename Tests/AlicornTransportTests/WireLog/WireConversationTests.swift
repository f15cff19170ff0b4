// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import AlicornTesting
import Testing

@testable import AlicornTransport

@Suite("What a log makes of the bytes of a connection")
struct WireConversationTests {
    /// Lets a server's connection take and send bytes, each piece cut, and gives the lines.
    private func lines(
        _ pieces: [(isReceived: Bool, bytes: [UInt8])], cutsOf size: Int = .max, maximumMessageSize: Int = 1 << 20
    ) -> [String] {
        var conversation = WireConversation(role: .server, maximumMessageSize: maximumMessageSize)
        var lines: [String] = []
        for piece in pieces {
            func tell(_ event: WireEvent, _ side: Role) {
                let mark = side == .client ? "<" : ">"
                switch event {
                case .text(let text), .frame(_, _, let text): lines.append("\(mark) \(text)")
                case .opened: lines.append("= opened")
                case .fault(let text): lines.append("! \(text)")
                }
            }
            var rest = piece.bytes[...]
            while !rest.isEmpty {
                let cut = Array(rest.prefix(size))
                rest = rest.dropFirst(size)
                if piece.isReceived { conversation.received(cut.span, tell) } else { conversation.sent(cut.span, tell) }
            }
        }
        return lines
    }

    @Test(
        "what is no header, or no length, harms nobody",
        arguments: [
            ":", "::", "Content-Length: -1", "Content-Length: x", "Content-Length: 99999999999999999999999", " : ", "",
        ])
    func nonsense(line: String) {
        for size in [1, 3, Int.max] {
            let lines = lines([received("GET / HTTP/1.1\r\n\(line)\r\n\r\nbody")], cutsOf: size)
            #expect(lines.first == "< GET / HTTP/1.1")
        }
    }

    @Test("a secret stays one with a space before its colon")
    func spacedSecret() {
        let lines = lines([received("GET / HTTP/1.1\r\nAuthorization : Bearer x\r\n\r\n")])
        #expect(lines.contains("< Authorization: [redacted, 8 bytes]"))
    }

    private func received(_ text: String) -> (Bool, [UInt8]) { (true, Array(text.utf8)) }
    private func sent(_ text: String) -> (Bool, [UInt8]) { (false, Array(text.utf8)) }

    /// A frame of a client, with this first byte.
    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame = ScriptedFrame(Opcode(rawValue: first & 0xF), payload, isFinal: first & 0x80 != 0)
        frame.reservedBits = first >> 4 & 0b111
        return frame.bytes(from: .client)
    }

    private let request = "GET /chat HTTP/1.1\r\nHost: a\r\nCookie: id=1234\r\nAUTHORIZATION:Bearer x\r\n\r\n"
    private let opening = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

    private var opened: [(Bool, [UInt8])] { [received(request), sent(opening)] }
    private let openingLines = [
        "< GET /chat HTTP/1.1", "< Host: a", "< Cookie: [redacted, 7 bytes]",
        "< AUTHORIZATION: [redacted, 8 bytes]", "> HTTP/1.1 101 Switching Protocols", "> Upgrade: websocket",
        "= opened",
    ]

    @Test(
        "LOG-06, LOG-07: heads line by line without secrets, then frames, however they are cut",
        arguments: [1, 3, 1000])
    func opening(cutsOf size: Int) {
        let frames =
            frame(0x01, Array("hel".utf8)) + frame(0x89, [1, 2])
            + frame(0x80, Array("lo".utf8)) + frame(0x88, [0x03, 0xE8])
        let seen = lines(opened + [(true, frames), (false, [0x8A, 2, 1, 2])], cutsOf: size)
        #expect(
            seen == openingLines + [
                "< TEXT 'hel' [3 bytes, continued]", "< PING 01 02 [binary, 2 bytes]", "< CONT 'lo' [text, 2 bytes]",
                "< CLOSE 1000 (OK) [2 bytes]", "> PONG 01 02 [binary, 2 bytes]",
            ])
    }

    @Test("frames behind the request, before its answer, are told as frames")
    func early() {
        let frame = frame(0x81, Array("hi".utf8))
        let seen = lines([(true, Array(request.utf8) + frame), sent(opening)])
        #expect(seen == openingLines + ["< TEXT 'hi' [2 bytes]"])
    }

    @Test("plain requests and answers follow each other on one connection, bodies as their length")
    func plain() {
        let post = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /next HTTP/1.1\r\n\r\n"
        let seen = lines([
            received(post), sent("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), sent("HTTP/1.1 204 None\r\n\r\n"),
            received("GET /last HTTP/1.1\r\n\r\n"),
        ])
        #expect(
            seen == [
                "< POST / HTTP/1.1", "< Content-Length: 3", "< [body] (3 bytes)", "> HTTP/1.1 200 OK",
                "> Content-Length: 2", "< GET /next HTTP/1.1", "> [body] (2 bytes)", "> HTTP/1.1 204 None",
                "< GET /last HTTP/1.1",
            ])
    }

    @Test("the answer to HEAD has no body, whatever its length")
    func head() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        let seen = lines([
            received("HEAD / HTTP/1.1\r\n\r\n"), sent(answer), received("GET / HTTP/1.1\r\n\r\n"),
            sent(answer + "hello"),
        ])
        #expect(
            seen.filter { $0.hasPrefix(">") } == [
                "> HTTP/1.1 200 OK", "> Content-Length: 5", "> HTTP/1.1 200 OK", "> Content-Length: 5",
                "> [body] (5 bytes)",
            ])
    }

    @Test("what was compressed is readable, in each fragment, and says how short it was")
    func compressed() {
        let client = PerMessageDeflate(sending: .init(), receiving: .init())
        var bytes: [UInt8] = []
        client.encode(Array("hello hello hello".utf8).span, endsMessage: true, into: &bytes)
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n\r\n"
        for isCut in [false, true] {
            let frames =
                isCut
                ? frame(0x41, Array(bytes.prefix(4)))
                    + frame(0x80, Array(bytes.dropFirst(4)))
                : frame(0xC1, bytes)
            let seen = lines([received("GET / HTTP/1.1\r\n\r\n"), sent(answer), (true, frames)]).drop {
                $0 != "= opened"
            }
            if isCut {
                #expect(seen.count == 3)
                #expect(seen.last?.hasSuffix("compressed to \(bytes.count - 4)") == true)
            } else {
                #expect(seen.last == "< TEXT 'hello hello hello' [17 bytes] compressed to \(bytes.count)")
            }
        }
    }

    @Test("a message that inflates beyond the limit is not inflated further")
    func bomb() {
        let client = PerMessageDeflate(sending: .init(), receiving: .init())
        var bytes: [UInt8] = []
        client.encode([UInt8](repeating: 0, count: 10 << 20).span, endsMessage: true, into: &bytes)
        let answer = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        let seen = lines(
            [received("GET / HTTP/1.1\r\n\r\n"), sent(answer), (true, frame(0xC2, bytes))],
            maximumMessageSize: 100_000)
        let length = seen.last.flatMap { $0.split(separator: "[text, ").last?.split(separator: " ").first }.flatMap {
            Int($0)
        }
        #expect(length.map { (100_000...120_000).contains($0) } == true, "\(seen.last ?? "")")
    }

    @Test("what is no frame ends the log of that direction, with the rule that was broken")
    func fault() {
        let seen = lines(
            opened + [(true, [0x83, 0x80, 0, 0, 0, 0, 0x81]), (true, [1, 2, 3]), (false, [0x81, 1, 0x61])])
        #expect(seen.dropFirst(openingLines.count) == ["! not a frame: opcode 3 is reserved", "> TEXT 'a' [1 byte]"])
    }

    @Test("lines are of bounded length, and what a peer sends cannot forge one")
    func bounded() {
        let seen = lines([received("GET /\u{1b}[2J HTTP/1.1\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n")])
        #expect(seen.first == "< GET /\\x1b[2J HTTP/1.1")
        #expect(seen.last?.count == 1005)
        let frame = frame(0x81, Array(repeating: UInt8(ascii: "a"), count: 60_000))
        #expect(lines(opened + [(true, frame)]).last?.count ?? .max < 120)
    }

    @Test("whatever comes, nothing traps and nothing grows")
    func nonsense() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = lines([(true, bytes), (false, bytes), (true, bytes)])
            _ = lines(opened + [(true, bytes), (false, bytes), (true, bytes)], cutsOf: 7)
        }
    }
}
