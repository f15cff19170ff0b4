// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Testing

@testable import AlicornCommand

/// Connections that are opened, and go wrong afterwards.
@Suite("alicorn doctor: open connections", .timeLimit(.minutes(2)))
struct ConnectionFaultTests {
    @Test("masked frames of a server are named")
    func masked() async throws {
        try await ScriptedServer.opening({ peer in
            var frame = ScriptedFrame.text("hello")
            frame.masking = .masked
            try await peer.send(frame)
            try await peer.receiveClose()
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(.maskedFrame, at: .ping, "without the mask bit")
        }
    }

    @Test("what a server does against the protocol is said in the protocol's words")
    func violations() async throws {
        for (bytes, id, words) in [
            ([0x83, 0], Fault.ID.protocolViolation, "opcode 3 is reserved"),
            ([0xC1, 1, 0x61], .protocolViolation, "--no-deflate"),
            ([0x81, 1, 0xFF], .protocolViolation, "not valid UTF-8"),
            ([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], .messageTooBig, "--max-size"),
        ] as [([UInt8], Fault.ID, String)] {
            try await ScriptedServer.opening({ peer in
                try await peer.send(bytes)
                try await peer.receiveClose()
            }) { port in
                let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
                diagnosed.expect(id, at: .ping, words)
            }
        }
    }

    @Test(
        "a close frame right behind the handshake is read by its code",
        arguments: [
            (1000, "returns at once"), (1002, "for a fault"), (1008, "--bearer"), (1011, "handler failed"),
            (1012, "restarting"),
            (1013, "too much to do"), (1014, "behind it"), (4401, "not allowed"), (4404, "slip"),
            (4406, "--subprotocol"),
            (4999, "application's own"),
            (1009, "limits"), (3999, "log"),
        ] as [(UInt16, String)])
    func closedAtOnce(_ code: UInt16, _ words: String) async throws {
        try await ScriptedServer.opening({ peer in
            try await peer.send(.close(CloseCode(rawValue: code), reason: "no"))
            try await peer.receiveClose()
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(.closedAtOnce, at: .ping, words)
        }
    }

    @Test("a connection that is cut right behind the handshake is told from one that is closed")
    func cutAtOnce() async throws {
        try await ScriptedServer.opening({ $0.resetWhenReleased() }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(.cutAtOnce, at: .ping, "1006")
        }
    }

    @Test("a ping without a pong, or with another's, is missed")
    func missingPong() async throws {
        try await ScriptedServer.opening({ peer in
            while let frame = try await peer.receiveFrame() {
                if frame.opcode == .ping { try await peer.send(.pong([1])) }
            }
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/", patience: .seconds(1))
            diagnosed.expect(.missingPong, at: .ping, "proxy_buffering off")
        }
    }

    @Test("an idle connection that is cut, closed or forgotten is told apart")
    func idle() async throws {
        // Each answers the first ping, and then has its own way.
        func serving(_ then: @escaping @Sendable (ScriptedPeer) async throws -> Void)
            -> @Sendable (ScriptedPeer) async throws -> Void
        {
            { peer in
                guard let ping = try await peer.receiveFrame() else { return }
                try await peer.send(.pong(ping.payload))
                try await then(peer)
            }
        }
        try await ScriptedServer.opening(serving { $0.finishWriting() }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/", idle: .seconds(30))
            diagnosed.expect(.cutWhenIdle, at: .idle, "more often than that")
        }
        try await ScriptedServer.opening(
            serving { peer in
                try await peer.send(.close(.goingAway, reason: "idle"))
                try await peer.receiveClose()
            }
        ) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/", idle: .seconds(30))
            diagnosed.expect(.closedWhenIdle, at: .idle, "1001 (going away)")
        }
        try await ScriptedServer.opening(serving { try await $0.receiveEnd() }) { port in
            let diagnosed = try await Diagnosed.examining(
                "ws://127.0.0.1:\(port)/", idle: .milliseconds(10), patience: .seconds(3))
            diagnosed.expect(.silentAfterIdle, at: .idle, "nobody said that the connection is gone")
        }
    }

    @Test("a close frame without an answer is missed, TCP that stays open and another code are noted")
    func closing() async throws {
        try await ScriptedServer.opening({ peer in
            while let frame = try await peer.receiveFrame() {
                if frame.opcode == .ping { try await peer.send(.pong(frame.payload)) }
            }
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/", patience: .seconds(3))
            diagnosed.expect(.closeUnanswered, at: .close, "RFC 6455 §5.5.1")
        }
        try await ScriptedServer.opening({ peer in
            while let frame = try await peer.receiveFrame() {
                if frame.opcode == .ping { try await peer.send(.pong(frame.payload)) }
                if frame.opcode == .close { try await peer.send(.close(.normalClosure)) }
            }
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/", patience: .seconds(3))
            diagnosed.expectHealthy()
            #expect(diagnosed.step(.close)?.outcome == .noted)
            #expect(diagnosed.step(.close)?.text.contains("TCP left open") == true)
        }
        try await ScriptedServer.opening({ peer in
            while let frame = try await peer.receiveFrame() {
                if frame.opcode == .ping { try await peer.send(.pong(frame.payload)) }
                if frame.opcode == .close { return try await peer.send(.close(4000)) }
            }
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expectHealthy()
            #expect(diagnosed.step(.close)?.text.contains("instead of 1000") == true)
        }
    }

    @Test("known time limits are named by their length")
    func limits() {
        for (seconds, words) in [
            (60.02, "proxy_read_timeout 1h"), (50.01, "timeout tunnel 1h"), (100.3, "Cloudflare"),
            (349.9, "Network Load Balancer"),
            (238.0, "Azure"), (7.0, "every 20 s"),
        ] {
            #expect(IdleLimit.remedy(for: .seconds(seconds)).contains(words))
        }
    }

    @Test("cancelling ends it at once, wherever it is")
    func cancelled() async throws {
        try await ScriptedServer.opening({ try await $0.behave() }) { port in
            let course = Task { try await Diagnosed.examining("ws://127.0.0.1:\(port)/", idle: .seconds(600)) }
            course.cancel()
            await #expect(throws: CancellationError.self) { try await course.value }
        }
    }
}
