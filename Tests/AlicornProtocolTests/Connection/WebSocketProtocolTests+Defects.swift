// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

extension WebSocketProtocolTests {
    /// Defects that other libraries had or have, each impossible here: the D rows.
    struct Defects {
        @Test(
            "D1: closing towards a peer that has stopped reading is cut at the close timeout",
            arguments: [Role.client, .server])
        func d1(role: Role) throws {
            let endpoint = Endpoint(role)
            endpoint.connection.outputBlocked()
            try endpoint.send(Array(repeating: 0, count: 1 << 20))
            try endpoint.close(1000, at: 5)
            #expect(endpoint.nextDeadline == .seconds(15))
            #expect(endpoint.handleTimeouts(until: 100) == [15])
            #expect(endpoint.takeOutput().end == .abort)
            #expect(endpoint.closure?.timedOut == true)
        }

        @Test("D2: the keepalive timeout runs from the queueing of the ping, written or not")
        func d2() throws {
            let server = Endpoint(.server)
            server.connection.outputBlocked()
            try server.send(Array(repeating: 0, count: 1 << 20))
            #expect(server.handleTimeouts(until: 40) == [20, 40])
            #expect(server.closure?.cause == .keepaliveTimeout(silence: .seconds(40)))
            #expect(server.handleTimeouts(until: 100) == [50])
            #expect(server.takeOutput().end == .abort)
        }

        @Test("D3: close and ping need nothing that a blocked send holds")
        func d3() throws {
            let client = Endpoint(.client)
            client.connection.outputBlocked()
            try client.connection.beginMessage(.binary)
            try client.connection.sendFragment(Array(repeating: 0, count: 1 << 20).span, endsMessage: false)
            _ = try client.connection.ping(now: .seconds(1))
            try client.close(1000, at: 2)
            #expect(client.closure?.cause == .closedLocally)
            #expect(client.nextDeadline == .seconds(12))
        }

        @Test(
            "D4: a peer that closes but keeps TCP open is cut at the close timeout", arguments: [Role.client, .server],
            [nil, 20])
        func d4(role: Role, interval: Int?) {
            let endpoint = Endpoint(role, configuration { $0.pingInterval = interval.map { .seconds($0) } })
            endpoint.receive(Wire.close(1000, from: role.peer), at: 5)
            endpoint.connection.didDeliver()
            #expect(endpoint.takeFrames() == ["CLOSE 1000 (OK) [2 bytes]"])
            #expect(endpoint.handleTimeouts(until: 100) == [15])
            #expect(endpoint.takeOutput().end == .abort)
            #expect(
                endpoint.closure?.description
                    == "the peer closed with 1000 (OK), we answered 1000 (OK); it did not end the connection in time")
        }

        @Test("D4: the answer does not wait for an application that takes nothing")
        func d4Grace() {
            let server = Endpoint(.server)
            server.receive(Wire.text("x", from: .client) + Wire.close(1000, from: .client), at: 5)
            #expect(server.takeFrames() == [])
            #expect(server.handleTimeouts(until: 14) == [5.25])
            #expect(server.takeFrames() == ["CLOSE 1000 (OK) [2 bytes]"])
            #expect(server.handleTimeouts(until: 100) == [15])
        }

        @Test("D5: while output is blocked, pings of a flood are answered by one pong, the latest")
        func d5() async {
            let server = Endpoint(.server)
            server.connection.outputBlocked()
            for round in 0..<100 {
                await Task.yield()
                let flood = (0..<1000).flatMap { Wire.frame(0x9, [UInt8(round), UInt8($0 % 251)], from: .client) }
                server.receive(flood, at: 0)
                #expect(server.outputCount == 0)
            }
            server.connection.outputUnblocked()
            #expect(server.takeOutput().bytes == [0x8A, 2, 99, UInt8(999 % 251)])
            server.connection.outputUnblocked()
            #expect(!server.hasOutput)
            server.receive(Wire.frame(0x9, [1], from: .client), at: 0)
            #expect(server.takeOutput().bytes == [0x8A, 1, 1])
        }

        @Test("D5: a pong that is owed goes out before our close frame, and none once both close frames are out")
        func d5Closing() throws {
            let server = Endpoint(.server)
            server.connection.outputBlocked()
            server.receive(Wire.frame(0x9, [0x41], from: .client), at: 0)
            try server.close(1000, at: 0)
            #expect(server.takeFrames() == ["PONG 'A' [1 byte]", "CLOSE 1000 (OK) [2 bytes]"])
            server.receive(Wire.frame(0x9, [0x42], from: .client) + Wire.close(1000, from: .client), at: 0)
            server.connection.outputUnblocked()
            #expect(server.takeFrames() == [])
        }

        @Test("D6: whatever arrives is a sign of life, though the pong is stuck behind it")
        func d6() {
            let client = Endpoint(.client, configuration { $0.pingTimeout = .seconds(10) })
            var time = 0.0
            while time < 200 {
                client.handleTimeouts(until: time)
                client.receive(Wire.frame(0x2, [1], from: .server), at: time)
                time += 9
            }
            #expect(client.isOpen)
            #expect(client.takeFrames() == ["PING 37 fa 21 3d [binary, 4 bytes]"])
        }

        @Test("D6: while we pause reading, the peer's silence is not counted")
        func d6Paused() {
            let server = Endpoint(.server)
            server.connection.pauseReceiving()
            server.handleTimeouts(until: 500)
            #expect(server.isOpen)
            server.connection.resumeReceiving(at: .seconds(500))
            #expect(server.nextDeadline == .seconds(520))
            server.handleTimeouts(until: 521)
            #expect(server.closure?.cause == .keepaliveTimeout(silence: .seconds(20)))
        }

        @Test("D7: a message restored to its end leaves the next ones to be restored as well")
        func d7() {
            let message = Wire.frame(0x1, [3, 0x61], rsv: 4, from: .client)
            let seen = outcome(of: message + message + message, to: .server, transform: { RunLength() })
            #expect(seen.incoming == [.text("aaa"), .text("aaa"), .text("aaa")])
        }

        @Test("D8: a compressed message of exactly the limit is accepted, incompressible or in fragments")
        func d8() {
            let limit = configuration { $0.maximumMessageSize = 1000 }
            let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            let whole = Wire.frame(0x2, RunLength.encoded(message), rsv: 4, from: .client)
            var fragments = Wire.frame(0x2, [], fin: false, rsv: 4, from: .client)
            for byte in message { fragments += Wire.frame(0x0, [1, byte], fin: false, from: .client) }
            fragments += Wire.frame(0x0, from: .client)
            #expect(
                outcome(of: whole + fragments, to: .server, limit, transform: { RunLength() }).incoming
                    == [.binary(message), .binary(message)])
            let longer = Wire.frame(0x2, RunLength.encoded(message + [9]), rsv: 4, from: .client)
            #expect(
                outcome(of: longer, to: .server, limit, transform: { RunLength() }).closure?.cause
                    == .violation(.messageTooBig(size: 1001, limit: 1000)))
        }

        @Test(
            "D14: a header that is wrong is refused when its first two bytes have come",
            arguments: ["f1ff", "89fe", "09ff", "83ff", "817f"])
        func d14(header: String) {
            let server = Endpoint(.server)
            server.receive([Wire.hex(header)[0]], at: 0)
            #expect(server.incoming == [])
            server.receive([Wire.hex(header)[1]], at: 0)
            #expect(server.incoming == [.violation])
            #expect(server.closure?.cause.isProtocolError == true)
        }

        @Test("D14: lengths that are not minimal or have the top bit set are refused with the header")
        func d14Lengths() {
            for header in ["82fe00050000 0000", "82ff000000000000ffff0000 0000", "82ff800000000000000000000000"] {
                let server = Endpoint(.server)
                server.receive(Wire.hex(header), at: 0)
                #expect(server.closure?.cause.isProtocolError == true)
            }
        }

        @Test("D15: invalid text fails at its first impossible byte, whether or not anybody takes the message")
        func d15() {
            let server = Endpoint(.server)
            let frame = Wire.frame(0x1, Array("\u{3BA}".utf8) + [0xF4, 0x90, 0x80, 0x80], from: .client)
            server.receive(Array(frame.prefix(6 + 3)), at: 0)
            #expect(server.isOpen)
            server.receive([frame[9]], at: 0)
            #expect(server.incoming == [.violation])
            #expect(server.closure?.cause == .violation(.invalidText(position: 3)))
        }

        @Test("D16: a close frame within a fragmented message is answered with its code (Autobahn 7.1.5)")
        func d16Close() {
            let input = Wire.text("half", fin: false, from: .client) + Wire.close(1000, "bye", from: .client)
            let seen = outcome(of: input, to: .server)
            #expect(seen.incoming == [.close])
            #expect(describeFrames(seen.output, from: .server) == ["CLOSE 1000 (OK) bye [5 bytes]"])
        }

        @Test(
            "D16: good frames before a fault are handed over and may be answered before the close frame (Autobahn 3.2)")
        func d16Fault() throws {
            let server = Endpoint(.server)
            let input =
                Wire.text("good", from: .client) + Wire.frame(0x9, from: .client)
                + Wire.frame(0x1, rsv: 2, from: .client)
            server.receive(input, at: 0)
            #expect(server.incoming == [.text("good"), .ping, .violation])
            try server.send("good")
            server.connection.didDeliver()
            #expect(
                server.takeFrames() == [
                    "PONG '' [0 bytes]", "TEXT 'good' [4 bytes]",
                    "CLOSE 1002 (protocol error) reserved bits RSV2 are set but no extension uses them [55 bytes]",
                ])
        }

        private func configuration(_ change: (inout ProtocolConfiguration) -> Void) -> ProtocolConfiguration {
            WebSocketProtocolTests.configuration(change)
        }
    }
}

extension Closure.Cause {
    fileprivate var isProtocolError: Bool {
        if case .violation(let violation) = self { violation.closeCode == .protocolError } else { false }
    }
}
