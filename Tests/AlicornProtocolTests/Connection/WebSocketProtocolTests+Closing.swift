// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

extension WebSocketProtocolTests {
    /// The closing handshake between two sides (RFC 6455 §7; the CL, CC and KA rows), in virtual time.
    struct Closing {
        typealias Ending = Pair.Ending

        @Test("CL-02, CL-07: the client closes, the server answers and ends TCP first, the client follows")
        func closesFromClient() throws {
            var pair = Pair(latency: 0.125)
            try pair.client.close(.goingAway, "bye", at: 0)
            pair.run(until: 30)
            #expect(
                pair.endings == [
                    Ending(by: .server, end: .halfClose, at: 0.125), Ending(by: .client, end: .close, at: 0.25),
                    Ending(by: .server, end: .close, at: 0.375),
                ])
            #expect(
                pair.client.closure?.description
                    == "we closed with 1001 (going away) bye, the peer answered 1001 (going away) bye")
            #expect(
                pair.server.closure?.description
                    == "the peer closed with 1001 (going away) bye, we answered 1001 (going away)")
            #expect(pair.client.closure?.isNormal == true && pair.server.closure?.isNormal == true)
        }

        @Test("CL-02, CL-07: the server closes and ends TCP when it has the answer")
        func closesFromServer() throws {
            var pair = Pair(latency: 0.125)
            try pair.server.close(4001, at: 0)
            pair.run(until: 30)
            #expect(
                pair.endings == [
                    Ending(by: .server, end: .halfClose, at: 0.25), Ending(by: .client, end: .close, at: 0.375),
                    Ending(by: .server, end: .close, at: 0.5),
                ])
            #expect(pair.client.closure?.cause == .closedByPeer && pair.server.closure?.cause == .closedLocally)
            #expect(pair.client.closure?.code == 4001 && pair.server.closure?.code == 4001)
            #expect(pair.client.closure?.isNormal == false)
        }

        @Test("both close at once: each keeps its own code, and no third close frame is sent")
        func closesFromBoth() throws {
            var pair = Pair(latency: 0.125)
            try pair.client.close(1000, at: 0)
            try pair.server.close(1001, at: 0)
            pair.run(until: 30)
            #expect(pair.client.closure?.sent?.code == 1000 && pair.client.closure?.received?.code == 1001)
            #expect(pair.server.closure?.sent?.code == 1001 && pair.server.closure?.received?.code == 1000)
            #expect(pair.endings.allSatisfy { $0.end != .abort && $0.at < 1 })
        }

        @Test("a close frame without a code is answered with one without a code, and is normal")
        func closesWithoutCode() throws {
            var pair = Pair()
            try pair.client.close(.noStatusReceived, at: 0)
            pair.run(until: 30)
            #expect(pair.server.closure?.received == CloseFrame(.noStatusReceived))
            #expect(pair.client.closure?.received == CloseFrame(.noStatusReceived))
            #expect(pair.client.closure?.isNormal == true)
        }

        @Test("CL-06: every code that may be sent is echoed with its reason", arguments: [Role.client, .server])
        func echoes(role: Role) {
            for code: UInt16 in [
                1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
            ] {
                let input = Wire.close(code, "reason", from: role.peer)
                let seen = outcome(of: input, to: role)
                #expect(seen.incoming == [.close])
                #expect(
                    describeFrames(seen.output, from: role) == ["CLOSE \(CloseCode(rawValue: code)) reason [8 bytes]"])
                #expect(seen.end == (role == .server ? .halfClose : .stayOpen))
            }
        }

        @Test("the application's close while the peer's waits for its answer is that answer")
        func answersByClosing() throws {
            let server = Endpoint(.server)
            server.receive(Wire.close(4000, from: .client), at: 0)
            #expect(!server.hasOutput && server.allowsSending && server.hasReceivedAll)
            try server.send("last words")
            try server.close(1000, at: 0.5)
            #expect(server.takeFrames() == ["TEXT 'last words' [10 bytes]", "CLOSE 4000 (private use) [2 bytes]"])
        }

        @Test("CL-04: a close frame may be sent within a fragmented message")
        func closesInsideMessage() throws {
            let server = Endpoint(.server)
            try server.connection.beginMessage(.text)
            try server.connection.sendFragment([0x41].span, endsMessage: false)
            try server.close(1011, at: 0)
            #expect(server.takeFrames() == ["TEXT 'A' [1 byte, continued]", "CLOSE 1011 (internal error) [2 bytes]"])
        }

        @Test("after our close frame, data still comes in until the peer's")
        func receivesWhileClosing() throws {
            let server = Endpoint(.server)
            try server.close(1000, at: 0)
            #expect(!server.hasReceivedAll)
            server.receive(Wire.text("late", from: .client) + Wire.close(1000, from: .client), at: 1)
            #expect(server.incoming == [.text("late"), .close])
        }

        @Test(
            "a fault after our close frame is recorded and ends it; no second close frame is sent",
            arguments: [Role.client, .server])
        func failsWhileClosing(role: Role) throws {
            let endpoint = Endpoint(role)
            try endpoint.close(1000, at: 0)
            _ = endpoint.takeOutput()
            endpoint.receive(Wire.frame(0x3, from: role.peer), at: 1)
            endpoint.connection.didDeliver()
            let (bytes, end) = endpoint.takeOutput()
            #expect(bytes == [] && end == (role == .server ? .halfClose : .stayOpen))
            #expect(endpoint.closure?.cause == .violation(.reservedOpcode(3)))
            #expect(endpoint.handleTimeouts(until: 100) == [10])
        }

        @Test("what both sides sent before they closed at once arrives")
        func deliversBeforeClosing() throws {
            var pair = Pair(latency: 2)
            for endpoint in [pair.client, pair.server] {
                try endpoint.send("first")
                try endpoint.send(Array(repeating: 7, count: 100_000))
                try endpoint.close(1000, at: 0)
            }
            pair.run(until: 30)
            for endpoint in [pair.client, pair.server] {
                #expect(endpoint.incoming == [.text("first"), .binary(Array(repeating: 7, count: 100_000)), .close])
                #expect(endpoint.closure?.isNormal == true && endpoint.closure?.timedOut == false)
            }
        }

        @Test("CL-05: an answer that takes longer than the close timeout is not waited for")
        func cutsSlow() throws {
            var pair = Pair(latency: 6)
            try pair.client.close(1000, at: 0)
            pair.run(until: 100)
            #expect(
                pair.endings == [
                    Ending(by: .server, end: .halfClose, at: 6), Ending(by: .client, end: .abort, at: 10),
                    Ending(by: .server, end: .abort, at: 16),
                ])
            #expect(pair.client.closure?.timedOut == true)
        }

        // MARK: The end of TCP

        /// A connection in each state of the closing handshake.
        static func endpoint(_ role: Role, in state: CloseHandshakeTests.State) throws -> Endpoint {
            let endpoint = Endpoint(role, quiet)
            switch state {
            case .open: break
            case .answering: endpoint.receive(Wire.close(4000, from: role.peer), at: 0)
            case .closing: try endpoint.close(1001, at: 0)
            case .ended:
                try endpoint.close(1001, at: 0)
                endpoint.receive(Wire.close(4000, from: role.peer), at: 0)
            case .closed: endpoint.connection.receiveEOF()
            }
            _ = endpoint.takeOutput()
            return endpoint
        }

        @Test(
            "CL-08: the end of input closes TCP in every state", arguments: CloseHandshakeTests.State.allCases,
            [Role.client, .server])
        func endsAtEOF(state: CloseHandshakeTests.State, role: Role) throws {
            let endpoint = try Self.endpoint(role, in: state)
            endpoint.connection.receiveEOF()
            #expect(endpoint.isClosed && !endpoint.allowsSending && endpoint.hasReceivedAll)
            #expect(endpoint.nextDeadline == nil)
            let (bytes, end) = endpoint.takeOutput()
            #expect(end == .close)
            #expect(
                describeFrames(bytes, from: role) == (state == .answering ? ["CLOSE 4000 (private use) [2 bytes]"] : [])
            )
            switch state {
            case .open, .closed:
                #expect(endpoint.closure?.cause == .connectionLost && endpoint.closure?.code == .abnormalClosure)
            case .closing: #expect(endpoint.closure?.sent?.code == 1001 && endpoint.closure?.received == nil)
            case .answering: #expect(endpoint.closure?.sent?.code == 4000 && endpoint.closure?.received?.code == 4000)
            case .ended: #expect(endpoint.closure?.sent?.code == 1001 && endpoint.closure?.received?.code == 4000)
            }
        }

        @Test("a peer that closes and ends its direction of TCP at once gets its answer, and the closing is normal")
        func answersBeforeEOF() {
            let server = Endpoint(.server)
            server.receive(Wire.close(1000, from: .client), at: 0)
            server.connection.receiveEOF()
            #expect(server.takeFrames() == ["CLOSE 1000 (OK) [2 bytes]"])
            #expect(server.closure?.isNormal == true)
        }

        @Test(
            "a transport that fails cuts in every state, with its words where nothing had ended it before",
            arguments: CloseHandshakeTests.State.allCases)
        func endsAtFailure(state: CloseHandshakeTests.State) throws {
            let endpoint = try Self.endpoint(.server, in: state)
            endpoint.connection.cut(because: .transportFailed("connection reset by peer"))
            #expect(endpoint.isClosed && endpoint.nextDeadline == nil)
            #expect(endpoint.takeOutput().end == .abort)
            if state == .open { #expect(endpoint.closure?.cause == .transportFailed("connection reset by peer")) }
            endpoint.connection.receiveEOF()
            #expect(endpoint.takeOutput().end == .abort)
        }

        @Test("nothing written for too long cuts", arguments: CloseHandshakeTests.State.allCases)
        func endsAtWriteTimeout(state: CloseHandshakeTests.State) throws {
            let endpoint = try Self.endpoint(.client, in: state)
            endpoint.connection.cut(because: .writeTimeout(.seconds(30)))
            #expect(endpoint.isClosed)
            #expect(endpoint.takeOutput().end == .abort)
            if state == .open { #expect(endpoint.closure?.cause == .writeTimeout(.seconds(30))) }
        }

        @Test("what was half received at the end of input is dropped, and nothing is read after it")
        func dropsHalfFrames() {
            let server = Endpoint(.server)
            server.receive(Array(Wire.text("hello", from: .client).dropLast(2)), at: 0)
            server.connection.receiveEOF()
            server.receive(Wire.text("x", from: .client), at: 1)
            #expect(server.incoming == [])
            #expect(
                server.closure?.description
                    == "TCP ended without a close frame (1006): the peer is gone, or something between us cut the connection"
            )
        }

        // MARK: Loss

        @Test(
            "KA-04: a peer that vanishes is found after interval and timeout, and cut after the close timeout",
            arguments: [Role.client, .server])
        func findsVanished(role: Role) {
            var pair = Pair()
            pair.silent = [role.peer]
            pair.run(until: 100)
            let left = role == .client ? pair.client : pair.server
            #expect(left.closure?.cause == .keepaliveTimeout(silence: .seconds(40)) && left.closure?.timedOut == true)
            #expect(left.closure?.sent == CloseFrame(.internalError, reason: "keepalive ping timeout"))
            #expect(pair.endings.contains(Ending(by: role, end: .abort, at: 50)))
        }

        @Test("CL-05: a peer that vanishes while we close is cut at the close timeout")
        func cutsVanished() throws {
            var pair = Pair()
            pair.silent = [.server]
            pair.run(until: 3)
            try pair.client.close(1000, at: 3)
            pair.run(until: 100)
            #expect(pair.endings.contains(Ending(by: .client, end: .abort, at: 13)))
            #expect(
                pair.client.closure?.description
                    == "we closed with 1000 (OK), the peer sent no close frame; it did not end the connection in time")
        }

        @Test("KA-03: an idle pair lives on by its pings")
        func livesOn() {
            var pair = Pair(latency: 0.5)
            pair.run(until: 3600)
            #expect(pair.client.isOpen && pair.server.isOpen)
            #expect(pair.client.latency == .seconds(1) && pair.server.latency == .seconds(1))
            #expect(pair.client.incoming.count(where: { $0 == .ping }) >= 175)
        }
    }
}
