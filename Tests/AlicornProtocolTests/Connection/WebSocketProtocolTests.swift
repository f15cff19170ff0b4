// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// Sending, control frames, output and what is known; more in the files beside this one.
struct WebSocketProtocolTests {
    static func configuration(_ change: (inout ProtocolConfiguration) -> Void) -> ProtocolConfiguration {
        var configuration = ProtocolConfiguration()
        change(&configuration)
        return configuration
    }

    /// No pings, so that only what a test does has a deadline.
    static let quiet = configuration { $0.pingInterval = nil }

    @Test("an open connection takes few bytes, whatever one that closes needs: there may be a million of them")
    func isSmall() { #expect(MemoryLayout<WebSocketProtocol>.size <= 248) }

    @Test("memory is adopted for output when there is none, and left alone when there is")
    func adoption() throws {
        var core = WebSocketProtocol(
            role: .server, configuration: ProtocolConfiguration(), now: .seconds(0), randomWord: { 0 })
        var spare: [UInt8] = []
        spare.reserveCapacity(1000)
        core.adoptOutputBuffer(&spare)
        #expect(spare.capacity == 0)
        try core.pong([])
        var other: [UInt8] = []
        other.reserveCapacity(2000)
        core.adoptOutputBuffer(&other)
        #expect(other.capacity >= 2000)
        var output: [UInt8] = []
        _ = core.takeOutput(into: &output)
        #expect(output == [0x8A, 0])
        #expect(output.capacity >= 1000)
    }

    // MARK: Sending

    @Test("a server sends the unmasked examples of RFC 6455 §5.7")
    func sendsUnmasked() throws {
        let server = Endpoint(.server)
        try server.send("Hello")
        #expect(server.takeOutput().bytes == Wire.hex("81 05 48 65 6c 6c 6f"))
        try server.connection.beginMessage(.text)
        #expect(server.isSendingFragments)
        #expect(server.takeOutput().bytes == [])
        try server.connection.sendFragment(Array("Hel".utf8).span, endsMessage: false)
        try server.connection.sendFragment(Array("lo".utf8).span, endsMessage: true)
        #expect(!server.isSendingFragments)
        #expect(server.takeOutput().bytes == Wire.hex("01 03 48 65 6c 80 02 6c 6f"))
        _ = try server.connection.ping(Array("Hello".utf8), now: .seconds(0))
        #expect(server.takeOutput().bytes == Wire.hex("89 05 48 65 6c 6c 6f"))
        let payload = Array(repeating: UInt8(7), count: 256)
        try server.send(payload)
        #expect(server.takeOutput().bytes == Wire.hex("82 7e 01 00") + payload)
        let long = Array(repeating: UInt8(7), count: 65536)
        try server.send(long)
        #expect(server.takeOutput().bytes == Wire.hex("82 7f 00 00 00 00 00 01 00 00") + long)
    }

    @Test("a client sends the masked examples of RFC 6455 §5.7")
    func sendsMasked() throws {
        let client = Endpoint(.client)
        try client.send("Hello")
        #expect(client.takeOutput().bytes == Wire.hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
        try client.connection.pong(Array("Hello".utf8))
        #expect(client.takeOutput().bytes == Wire.hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"))
    }

    @Test(
        "SND-14: what is longer than the size of fragments goes out in several frames",
        arguments: [Role.server, .client])
    func fragments(role: Role) throws {
        let endpoint = Endpoint(role, Self.configuration { $0.fragmentSize = 3 }, randomWord: { 0 })
        try endpoint.send("abcdefgh")
        try endpoint.send("abc")
        let header = try endpoint.connection.sendHeader(.binary, payloadLength: 4, compression: .never)
        #expect(!header)
        let shared = try endpoint.connection.share(
            [0x82, 4, 1, 2, 3, 4].span, payloadLength: 4, as: .binary, compression: .never)
        #expect(shared == .unsuitable)
        #expect(
            endpoint.takeFrames() == [
                "TEXT 'abc' [3 bytes, continued]", "CONT 'def' [text, 3 bytes, continued]", "CONT 'gh' [text, 2 bytes]",
                "TEXT 'abc' [3 bytes]",
            ])
        try endpoint.connection.beginMessage(.text)
        try endpoint.connection.sendFragment(Array("abcd".utf8).span, endsMessage: false)
        try endpoint.connection.sendFragment(Array("e".utf8).span, endsMessage: true)
        #expect(
            endpoint.takeFrames() == [
                "TEXT 'abc' [3 bytes, continued]", "CONT 'd' [text, 1 byte, continued]", "CONT 'e' [text, 1 byte]",
            ])
    }

    @Test("a size of fragments below one is one")
    func smallestFragments() throws {
        let server = Endpoint(.server, Self.configuration { $0.fragmentSize = 0 })
        try server.send("ab")
        #expect(server.takeOutput().bytes == Wire.hex("01 01 61 80 01 62"))
    }

    @Test("a message that was begun can be given up before its first fragment")
    func abandons() throws {
        let server = Endpoint(.server)
        try server.connection.beginMessage(.text)
        let isFree = server.connection.abandonMessage()
        #expect(isFree)
        try server.send("a")
        #expect(server.takeOutput().bytes == Wire.hex("81 01 61"))
    }

    @Test("S5: each frame of a client has a key of its own from the generator")
    func drawsKeys() throws {
        let words = Counter()
        let client = Endpoint(.client, randomWord: { words.next() })
        try client.send([0, 0, 0, 0, 0])
        try client.send([0, 0])
        #expect(client.takeOutput().bytes == Wire.hex("82 85 01 00 00 00 01 00 00 00 01 82 82 02 00 00 00 02 00"))
    }

    @Test("a header goes out alone for a payload that is written behind it, of a server and uncompressed only")
    func sendsHeader() throws {
        let server = Endpoint(.server)
        #expect(try server.connection.sendHeader(.binary, payloadLength: 65536, compression: .automatic))
        #expect(server.takeOutput().bytes == Wire.hex("82 7f 00 00 00 00 00 01 00 00"))
        let client = Endpoint(.client)
        #expect(try !client.connection.sendHeader(.binary, payloadLength: 1, compression: .automatic))
        let compressing = Endpoint(.server, transform: RunLength(threshold: 10))
        #expect(try !compressing.connection.sendHeader(.text, payloadLength: 10, compression: .automatic))
        #expect(try compressing.connection.sendHeader(.text, payloadLength: 9, compression: .automatic))
        #expect(try compressing.connection.sendHeader(.text, payloadLength: 10, compression: .never))
        #expect(client.takeOutput().bytes == [])
        #expect(compressing.takeOutput().bytes == Wire.hex("81 09 81 0a"))
    }

    // MARK: Control frames

    @Test("CTL-01: a ping without a payload has four random bytes")
    func pingsAtRandom() throws {
        let server = Endpoint(.server)
        _ = try server.connection.ping(now: .seconds(0))
        #expect(server.takeOutput().bytes == Wire.hex("89 04 37 fa 21 3d"))
    }

    @Test("CTL-03, CTL-04: pongs give the latency and tell which pings are answered")
    func measuresLatency() throws {
        let client = Endpoint(.client)
        #expect(client.latency == nil)
        let first = try client.connection.ping([1], now: .seconds(1))
        let second = try client.connection.ping([2], now: .seconds(2))
        #expect(client.lastAnsweredPing == nil)
        client.receive(Wire.frame(0xA, [9], from: .server), at: 3)
        #expect(client.lastAnsweredPing == nil)
        client.receive(Wire.frame(0xA, [2], from: .server), at: 3.5)
        #expect(client.lastAnsweredPing == second && first < second)
        #expect(client.latency == .milliseconds(1500))
        #expect(client.incoming == [.pong, .pong])
    }

    @Test("CTL-07: a ping is answered at once with its payload (RFC 6455 §5.5.2)")
    func answersPings() {
        let payload = (0..<125).map { UInt8($0) }
        let seen = outcome(of: Wire.frame(0x9, payload, from: .client) + Wire.frame(0x9, from: .client), to: .server)
        #expect(seen.incoming == [.ping, .ping])
        #expect(seen.output == [0x8A, 125] + payload + [0x8A, 0])
    }

    @Test("CTL-10: a ping is answered until the peer's close frame has come, behind our own too (RFC 6455 §5.5.2)")
    func answersPingsWhileClosing() throws {
        let server = Endpoint(.server)
        try server.close(.normalClosure, at: 0)
        #expect(server.takeFrames() == ["CLOSE 1000 (OK) [2 bytes]"])
        server.receive(Wire.frame(0x9, [0x41], from: .client) + Wire.close(1000, from: .client), at: 0)
        server.receive(Wire.frame(0x9, [0x42], from: .client), at: 0)
        #expect(server.takeFrames() == ["PONG 'A' [1 byte]"])
        #expect(server.incoming == [.ping, .close])
    }

    // MARK: Misuse

    @Test("CL-03, CTL-02, CTL-09: what the protocol forbids us is refused, and the connection is unharmed")
    func refusesMisuse() throws {
        let server = Endpoint(.server)
        let long = Array(repeating: UInt8(0), count: 126)
        #expect(throws: ProtocolMisuse.controlPayloadTooLong(bytes: 126)) {
            try server.connection.ping(long, now: .seconds(0))
        }
        #expect(throws: ProtocolMisuse.controlPayloadTooLong(bytes: 126)) { try server.connection.pong(long) }
        for code: CloseCode in [999, 1004, .abnormalClosure, .tlsHandshakeFailure, 1016, 2999, 5000] {
            #expect(throws: ProtocolMisuse.invalidCloseCode(code)) { try server.close(code, at: 0) }
        }
        #expect(throws: ProtocolMisuse.invalidCloseCode(.noStatusReceived)) {
            try server.close(.noStatusReceived, "a reason needs a code", at: 0)
        }
        let reason = String(repeating: "\u{E9}", count: 62)
        #expect(throws: ProtocolMisuse.closeReasonTooLong(bytes: 124)) { try server.close(1000, reason, at: 0) }
        #expect(throws: ProtocolMisuse.noMessageInProgress) {
            try server.connection.sendFragment([UInt8]().span, endsMessage: true)
        }
        try server.connection.beginMessage(.text)
        #expect(throws: ProtocolMisuse.messageInProgress) { try server.send("x") }
        #expect(throws: ProtocolMisuse.messageInProgress) { try server.connection.beginMessage(.text) }
        #expect(throws: ProtocolMisuse.messageInProgress) {
            try server.connection.sendHeader(.text, payloadLength: 1, compression: .never)
        }
        _ = try server.connection.ping([1], now: .seconds(0))
        #expect(throws: ProtocolMisuse.duplicatePing) { try server.connection.ping([1], now: .seconds(0)) }
        for index in 1..<64 { _ = try server.connection.ping([2, UInt8(index)], now: .seconds(0)) }
        #expect(throws: ProtocolMisuse.tooManyPings(limit: 64)) { try server.connection.ping([3], now: .seconds(0)) }
        #expect(server.isOpen && server.closure == nil)
        #expect(server.takeFrames().count == 64)
    }

    @Test("nothing is sent once the close frame is out")
    func refusesAfterClose() throws {
        let server = Endpoint(.server)
        try server.connection.beginMessage(.text)
        try server.close(.normalClosure, at: 0)
        #expect(!server.allowsSending && !server.isOpen)
        _ = server.takeOutput()
        #expect(throws: ProtocolMisuse.closing) { try server.send("x") }
        #expect(throws: ProtocolMisuse.closing) { try server.connection.sendFragment([1].span, endsMessage: true) }
        #expect(throws: ProtocolMisuse.closing) {
            try server.connection.sendHeader(.text, payloadLength: 1, compression: .never)
        }
        #expect(throws: ProtocolMisuse.closing) { try server.connection.ping(now: .seconds(0)) }
        #expect(throws: ProtocolMisuse.closing) { try server.connection.pong() }
        try server.close(.goingAway, at: 0)
        #expect(!server.hasOutput)
    }

    // MARK: Output

    @Test("output is moved behind what the buffer holds")
    func movesOutput() throws {
        let server = Endpoint(.server)
        try server.send("a")
        #expect(server.outputCount == 3 && server.hasOutput)
        var buffer: [UInt8] = [9]
        #expect(server.connection.takeOutput(into: &buffer) == .stayOpen)
        #expect(buffer == [9, 0x81, 1, 0x61])
        #expect(server.outputCount == 0 && !server.hasOutput)
    }

    @Test("what is to be done with TCP is news once")
    func tellsEndOnce() throws {
        let server = Endpoint(.server)
        try server.close(.normalClosure, at: 0)
        server.receive(Wire.close(1000, from: .client), at: 0)
        #expect(server.hasOutput)
        #expect(server.takeOutput().end == .halfClose)
        #expect(!server.hasOutput)
        #expect(server.takeOutput().end == .halfClose)
        server.connection.receiveEOF()
        #expect(server.hasOutput)
        #expect(server.takeOutput().end == .close)
        #expect(!server.hasOutput)
    }

    @Test("a connection knows its role and its extension")
    func knowsItself() {
        #expect(Endpoint(.client).role == .client)
        #expect(!Endpoint(.client).hasTransform)
        #expect(Endpoint(.server, transform: RunLength()).hasTransform)
    }

    // MARK: Time

    @Test("deadlines come in order, and none comes again once it was handled")
    func ordersDeadlines() throws {
        let server = Endpoint(.server)
        #expect(server.nextDeadline == .seconds(20))
        server.connection.handleTimeout(now: .seconds(19))
        #expect(!server.hasOutput)
        #expect(server.handleTimeouts(until: 100) == [20, 40, 50])
        #expect(server.takeFrames().suffix(1) == ["CLOSE 1011 (internal error) keepalive ping timeout [24 bytes]"])
        #expect(server.nextDeadline == nil)
        server.connection.handleTimeout(now: .seconds(1000))
        #expect(server.takeOutput().end == .abort)
    }

    @Test(
        "time runs on, whatever combination of interval and timeout", arguments: [nil, 0, 5, 20, 90],
        [nil, 0, 5, 20, 90])
    func makesProgress(interval: Int?, timeout: Int?) {
        let configuration = Self.configuration {
            $0.pingInterval = interval.map { .seconds($0) }
            $0.pingTimeout = timeout.map { .seconds($0) }
        }
        let client = Endpoint(.client, configuration)
        var now = Timestamp.seconds(0)
        for _ in 0..<50 {
            guard let deadline = client.nextDeadline else { break }
            #expect(deadline >= now)
            now = deadline
            for _ in 0..<3 where client.nextDeadline.map({ $0 <= now }) == true {
                client.connection.handleTimeout(now: now)
            }
            #expect(client.nextDeadline.map { $0 > now } ?? true)
        }
        let isWatched = (interval ?? 0) > 0 && timeout != nil
        #expect(client.isClosed == isWatched)
    }

    @Test("keepalive's ping is known until its pong comes, whose round trip is given out once")
    func knowsKeepalivePing() {
        let server = Endpoint(.server)
        #expect(server.handleTimeouts(until: 20) == [20])
        let payload = Wire.hex("37fa213d")
        let isAwaited = [payload, [1]].map { server.connection.awaitsKeepalive($0) }
        #expect(isAwaited == [true, false])
        server.receive(Wire.frame(0xA, payload, from: .client), at: 21)
        let isStillAwaited = server.connection.awaitsKeepalive(payload)
        #expect(!isStillAwaited)
        let latencies = (0..<2).map { _ in server.connection.takeLatency() }
        #expect(latencies == [.seconds(1), nil])
    }
}

/// Words 1, 2, 3, ...
private final class Counter: @unchecked Sendable {
    // SAFETY: a test's own; never shared between threads.
    private var last: UInt32 = 0

    func next() -> UInt32 {
        last += 1
        return last
    }
}
