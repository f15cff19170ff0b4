// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import AlicornProtocol
import Foundation
import Glibc
import Testing

@testable import AlicornTransport

@Suite("Connecting on the native engine", .timeLimit(.minutes(1)))
struct NativeDialerTests {
    private let test: LoopUnderTest
    private let outcome = Outcome()

    init() throws { test = try LoopUnderTest() }

    private final class Outcome {
        var driver: PlainDriver?
        var attempts: [NativeDialer.Attempt]?
        var isThere: Bool { driver != nil || attempts != nil }

        deinit { driver?.transport.abort() }
    }

    private func connect(_ addresses: SocketEndpoint..., within time: Duration = .seconds(10)) {
        NativeDialer.connect(
            to: addresses, on: .init(host: test.host, loop: test.loop), deadline: test.loop.now.advanced(by: time),
            failed: { [outcome] in outcome.attempts = $0 },
            makeDriver: { [outcome] in
                let driver = PlainDriver($0)
                outcome.driver = driver
                return driver
            })
        test.settle(until: { outcome.isThere })
    }

    /// An address of this machine on which nobody listens.
    private func freePort() throws -> UInt16 {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { socket.close() }
        return UInt16(try #require(socket.endpoint.port))
    }

    private func loopback(_ port: UInt16) -> SocketEndpoint { .ipv4(UInt32(0x7F00_0001).bigEndian, port: port) }

    @Test("a TCP connection carries bytes both ways, and knows its ends")
    func tcp() throws {
        let server = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { server.close() }
        connect(server.endpoint)
        let driver = try #require(outcome.driver)
        let peer = accept(server.descriptor, nil, nil)
        defer { close(peer) }
        #expect(driver.transport.remoteEndpoint == server.endpoint)
        #expect(driver.transport.localEndpoint == .peer(of: peer))
        driver.send([1])
        var byte: UInt8 = 0
        #expect(SystemSocket.isReadable(peer, withinMilliseconds: 10_000))
        #expect(recv(peer, &byte, 1, 0) == 1 && byte == 1)
        byte = 2
        #expect(send(peer, &byte, 1, 0) == 1)
        test.settle(until: { driver.received == [2] })
        driver.transport.close()
        test.settle(until: { driver.events.last == "closed" })
    }

    @Test("IPv6")
    func ipv6() throws {
        guard let server = try? ListeningSocket(.tcp(host: "::1", port: 0)) else { return }
        defer { server.close() }
        connect(server.endpoint)
        #expect(outcome.driver?.transport.remoteEndpoint == server.endpoint)
    }

    @Test("addresses are tried in turn, and all failures are told when none is left")
    func several() throws {
        let server = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { server.close() }
        let free = loopback(try freePort())
        connect(free, .unix(path: "/tmp/\(UUID().uuidString)"), server.endpoint)
        #expect(outcome.driver?.transport.remoteEndpoint == server.endpoint)
        let failing = try Self()
        failing.connect(free, .unix(path: "/tmp/\(UUID().uuidString)"), .unix(path: nil), .named("nowhere"))
        let attempts = try #require(failing.outcome.attempts)
        #expect(attempts.map(\.failure.number) == [ECONNREFUSED, ENOENT, EINVAL, EAFNOSUPPORT])
        #expect(attempts.first?.address == free)
    }

    @Test("a Unix socket")
    func unix() throws {
        let path = "/tmp/alicorn-\(UUID().uuidString.prefix(8))"
        let server = try ListeningSocket(.unix(path: path, permissions: nil))
        defer { server.close() }
        connect(.unix(path: path))
        #expect(outcome.driver?.transport.remoteEndpoint == .unix(path: path))
        let long = try Self()
        long.connect(.unix(path: "/tmp/" + String(repeating: "x", count: 200)))
        #expect(long.outcome.attempts?.map(\.failure.number) == [EINVAL])
    }

    @Test("a Unix socket whose queue is full is tried again, until the deadline")
    func fullQueue() throws {
        let path = "/tmp/alicorn-\(UUID().uuidString.prefix(8))"
        let server = try ListeningSocket(.unix(path: path, permissions: nil), backlog: 0)
        defer { server.close() }
        connect(.unix(path: path))
        let waiting = try Self()
        waiting.connect(.unix(path: path), within: .milliseconds(50))
        #expect(waiting.outcome.attempts?.map(\.failure.number) == [ETIMEDOUT])
        let patient = try Self()
        patient.outcome.driver = nil
        let first = accept(server.descriptor, nil, nil)
        defer { close(first) }
        patient.connect(.unix(path: path))
        #expect(patient.outcome.driver != nil)
    }

    @Test("a server that does not answer is given up at the deadline")
    func timeout() throws {
        // The queue holds one: who comes later gets no answer.
        let server = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), backlog: 0)
        defer { server.close() }
        let first = SystemSocket.connected(to: try #require(server.endpoint.port))
        defer { close(first) }
        connect(server.endpoint, within: .milliseconds(50))
        #expect(outcome.attempts?.map(\.failure.number) == [ETIMEDOUT])
    }
}

#endif
