// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

/// Peers that stop reading, or stop in the middle of closing, on real sockets. No wait is as long as the defaults allow.
@Suite("Peers that stall (D1 to D6)", .onEachEngine, .timeLimit(.minutes(4)))
struct StalledPeerTests {
    /// More than two sockets hold.
    private static let much = WebSocketMessage.binary(ByteBuffer(repeating: 0, count: 16 << 20))
    /// How much the kernel holds for a peer that does not read.
    private static let little = 4096

    @Test("D1: closing towards a peer that reads nothing takes the close timeout")
    func closing() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Closure?.self)
        let server = WebSocketServer.local(.impatient) { connection in
            connection.post(Self.much)
            try await connection.close(.goingAway)
            end.yield(await connection.closure)
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port, receiveBuffer: Self.little)
            let closure = await ends.first { _ in true } ?? nil
            #expect(closure?.cause == .closedLocally)
            #expect(closure?.timedOut == true)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("D1: a server stops in the close timeout, whatever its peers do not read")
    func stopping() async throws {
        let server = WebSocketServer.local(.impatient) { connection in
            connection.post(Self.much)
            for try await _ in connection {}
        }
        let time = try await ContinuousClock().measure {
            let peer = try await server.serving { port in
                let peer = try await ScriptedPeer.open(port: port, receiveBuffer: Self.little)
                _ = try await peer.receive(2)
                return peer
            }
            withExtendedLifetime(peer) {}
        }
        #expect(time < .seconds(8), "the default close timeout is 10 s")
    }

    @Test("D2: keepalive finds a peer that has stopped reading, though its ping cannot be written")
    func keepalive() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Closure?.self)
        var configuration = WebSocketServer.Configuration.impatient
        configuration.connection.limits.pingInterval = .milliseconds(100)
        configuration.connection.limits.pingTimeout = .milliseconds(100)
        let server = WebSocketServer.local(configuration) { connection in
            connection.post(Self.much)
            await connection.waitUntilClosed()
            end.yield(await connection.closure)
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port, receiveBuffer: Self.little)
            let closure = await ends.first { _ in true } ?? nil
            guard case .keepaliveTimeout? = closure?.cause else {
                Issue.record("\(String(describing: closure))")
                return
            }
            withExtendedLifetime(peer) {}
        }
    }

    @Test("D2: what is posted to a peer that reads nothing has a bound, at which it is cut")
    func posting() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Closure?.self)
        var configuration = WebSocketServer.Configuration.impatient
        configuration.connection.maximumUnsentBytes = 1 << 20
        let server = WebSocketServer.local(configuration) { connection in
            for _ in 0..<1000 { WebSocketConnection.broadcast(Self.piece, to: [connection]) }
            await connection.waitUntilClosed()
            end.yield(await connection.closure)
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port, receiveBuffer: Self.little)
            let closure = await ends.first { _ in true } ?? nil
            guard case .tooMuchUnsent(_, limit: 1 << 20)? = closure?.cause else {
                Issue.record("\(String(describing: closure))")
                return
            }
            withExtendedLifetime(peer) {}
        }
    }

    private static let piece = WebSocketMessage.binary(ByteBuffer(repeating: 0, count: 64 << 10))

    @Test("D3: neither receiving nor closing waits for a send that is blocked")
    func blockedSend() async throws {
        let (ends, end) = AsyncStream.makeStream(of: (WebSocketError?, Closure?).self)
        let server = WebSocketServer.local(.impatient) { connection in
            async let failure = Self.failure { try await connection.send(Self.much) }
            #expect(try await connection.receive() == "I have seen the beginning")
            try await connection.close(.goingAway)
            end.yield((await failure, await connection.closure))
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port, receiveBuffer: Self.little)
            _ = try await peer.receive(2)
            try await peer.send(.text("I have seen the beginning"))
            let end = await ends.first { _ in true }
            #expect(end?.0?.code == .closed)
            #expect(end?.1?.cause == .closedLocally)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("D4: a peer that closes and keeps TCP open is cut by the server after the close timeout")
    func halfOpenClient() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Closure?.self)
        let server = WebSocketServer.local(.impatient) { connection in
            for try await _ in connection {}
            await connection.waitUntilClosed()
            end.yield(await connection.closure)
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port)
            try await peer.send(.close(.normalClosure))
            #expect(try await peer.receiveAllFrames() == [.close(.normalClosure)])
            let closure = await ends.first { _ in true } ?? nil
            #expect(closure?.received?.code == .normalClosure)
            #expect(closure?.timedOut == true)
            withExtendedLifetime(peer) {}
        }
    }

    @Test("D5: 32 MB of pings by a peer that reads nothing are answered by few pongs, and the latest")
    func pingFlood() async throws {
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        var configuration = WebSocketServer.Configuration()
        // The flood takes a while where all is slow, and this peer never answers a ping of ours.
        configuration.connection.writeTimeout = .seconds(600)
        configuration.connection.limits.pingInterval = nil
        let server = WebSocketServer.local(configuration) { connection in
            for try await message in connection {
                arrive.yield()
                try await connection.send(message)
            }
        }
        try await server.serving { port in
            // The longer its window was full, the later TCP may see that it is not any more: up to two minutes on Linux
            // (RFC 9293 §3.8.6.1, tcp(7)).
            let peer = try await ScriptedPeer.open(
                port: port, receiveBuffer: Self.little, patience: .seconds(130))
            let ping = ScriptedFrame.ping([UInt8](repeating: 1, count: 125)).bytes(from: .client)
            let pings = [UInt8]((0..<1000).map { _ in ping }.joined())
            for _ in 0..<250 { try await peer.send(pings) }
            try await peer.send([.ping([2]), .text("and now I read")])
            // Were the peer to read before, TCP might take bytes again between the two, and the pong be the first.
            _ = await arrivals.first { _ in true }
            let last =
                ScriptedFrame.text("and now I read").bytes(from: .server) + ScriptedFrame.pong([2]).bytes(from: .server)
            let answers = try await peer.receive { $0.suffix(last.count).elementsEqual(last) }
            #expect(answers.suffix(last.count).elementsEqual(last))
            // What both sockets hold, at most: that was written before the output was blocked.
            #expect(answers.count < 12 << 20, "of 32 MB of pings")
        }
    }

    @Test("D6: a slow application does not cost a healthy peer its connection, though its pongs wait behind its data")
    func slowApplication() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.pingInterval = .milliseconds(100)
        configuration.connection.limits.pingTimeout = .milliseconds(400)
        configuration.connection.receiveQueueLimit = 1
        let server = WebSocketServer.local(configuration) { connection in
            if connection.request.target == "/slow" {
                _ = await gate.first { _ in true }
                for _ in 0..<64 { _ = try await connection.receive() }
                try await connection.send("got it all")
            }
            for try await _ in connection {}
        }
        try await server.serving { port in
            let peer = try await ScriptedPeer.open(port: port, target: "/slow")
            for _ in 0..<64 { try await peer.send(.binary([UInt8](repeating: 0, count: 16 << 10))) }
            let ping = try await peer.receiveFrame()
            try await peer.send(.pong(ping?.payload ?? []))
            // As far as the server reads, that peer is silent. One that really is tells by its end that time has passed.
            let silent = try await ScriptedPeer.open(port: port)
            #expect(try await silent.receiveAllFrames().last?.closeCode == .internalError)
            open.finish()
            var frame = try await peer.receiveFrame()
            while let ping = frame, ping.opcode == .ping {
                try await peer.send(.pong(ping.payload))
                frame = try await peer.receiveFrame()
            }
            #expect(frame == .text("got it all"))
        }
    }

    private static func failure(_ body: () async throws -> Void) async -> WebSocketError? {
        do {
            try await body()
            return nil
        } catch { return error as? WebSocketError }
    }
}

/// The same, where the server is the one that stalls.
@Suite("Servers that stall (D1, D4)", .timeLimit(.minutes(1)))
struct StalledServerTests {
    private static let configuration: WebSocketClient.Configuration = {
        var configuration = WebSocketClient.Configuration()
        configuration.connection = WebSocketServer.Configuration.impatient.connection
        return configuration
    }()

    @Test("D4: a server that closes and keeps TCP open is not waited for longer than the close timeout")
    func halfOpen() async throws {
        let listener = try ScriptedListener()
        async let closure = WebSocketClient.connect(to: listener.address, configuration: Self.configuration) {
            for try await _ in $0 {}
            await $0.waitUntilClosed()
            return await $0.closure
        }
        let peer = try await listener.acceptOpening()
        try await peer.send(.close(.goingAway))
        #expect(try await peer.receiveFrame() == .close(.goingAway))
        let end = try await closure
        #expect(end?.received?.code == .goingAway)
        #expect(end?.timedOut == true)
    }

    @Test("D1: a server that answers no close frame is not waited for longer than the close timeout")
    func unanswered() async throws {
        let listener = try ScriptedListener()
        async let closure = WebSocketClient.connect(to: listener.address, configuration: Self.configuration) {
            try await $0.close()
            return await $0.closure
        }
        let peer = try await listener.acceptOpening()
        #expect(try await peer.receiveFrame() == .close(.normalClosure))
        let end = try await closure
        #expect(end?.timedOut == true)
        withExtendedLifetime(peer) {}
    }
}

extension WebSocketServer.Configuration {
    /// Closes in a fifth of a second.
    fileprivate static var impatient: Self {
        var configuration = Self()
        configuration.connection.limits.closeTimeout = .milliseconds(200)
        return configuration
    }
}
