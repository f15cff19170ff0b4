// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("Limits on clients, in virtual time")
struct ClientLimiterTests {
    private static func limiter(_ change: (inout ClientLimits) -> Void) throws -> ClientLimiter {
        var limits = ClientLimits()
        change(&limits)
        return try #require(ClientLimiter(limits))
    }

    private static func address(_ text: String) throws -> HostAddress { try #require(HostAddress(text.utf8)) }

    private static func refusal(_ body: () throws(ClientLimiter.Refusal) -> Void) -> ClientLimiter.Refusal? {
        do throws(ClientLimiter.Refusal) { try body() } catch { return error }
        return nil
    }

    @Test("there is none when no limit is on")
    func off() {
        var limits = ClientLimits()
        limits.rememberedClients = 5
        #expect(ClientLimiter(limits) == nil)
    }

    @Test("connections beyond the limit are refused, and those far beyond are cut")
    func connections() throws {
        let limiter = try Self.limiter { $0.connections = 100 }
        #expect(Self.refusal { () throws(ClientLimiter.Refusal) in try limiter.admitConnection(besides: 99) } == nil)
        #expect(
            Self.refusal { () throws(ClientLimiter.Refusal) in try limiter.admitConnection(besides: 100) }
                == .tooManyConnections)
        #expect(!limiter.mustCut(at: 115) && limiter.mustCut(at: 116))
        let unlimited = try Self.limiter { $0.connectionsPerClient = 1 }
        #expect(!unlimited.mustCut(at: .max))
    }

    @Test("connections of one client are counted, whichever of its addresses they have, and uncounted when they end")
    func connectionsOfClients() throws {
        let limiter = try Self.limiter { $0.connectionsPerClient = 2 }
        let loop = VirtualLoop()
        let transports = (0..<4).map { _ in MemoryTransport(loop: loop) }
        func count(_ address: String?, on index: Int) throws -> ClientLimiter.Refusal? {
            let address = try address.map { try Self.address($0) }
            return Self.refusal { () throws(ClientLimiter.Refusal) in
                try limiter.count(address, on: transports[index])
            }
        }
        #expect(try count("2001:db8::1", on: 0) == nil)
        #expect(try count("2001:db8::2", on: 1) == nil)
        #expect(try count("2001:db8::3", on: 1) == nil, "it is counted already")
        #expect(try count("2001:db8::4", on: 2) == .tooManyConnectionsOfClient)
        #expect(try count("2001:db8:0:1::1", on: 2) == nil)
        #expect(try count(nil, on: 3) == nil)
        limiter.release(transports[0])
        limiter.release(transports[0])
        #expect(try count("2001:db8::5", on: 3) == nil)
        #expect(try count("2001:db8::5", on: 2) == .tooManyConnectionsOfClient, "it stays who it was")
        // A proxy's connection is that of the client that it served last.
        #expect(try count("192.0.2.1", on: 3) == nil)
        #expect(try count("2001:db8::5", on: 2) == nil)
    }

    @Test("handshakes beyond a rate are refused until there is room, one client's own rate first")
    func handshakes() throws {
        let limiter = try Self.limiter {
            $0.handshakes = EventRate(4)
            $0.handshakesPerClient = EventRate(2)
        }
        func handshake(_ address: String?, _ milliseconds: Int64) throws -> ClientLimiter.Refusal? {
            let address = try address.map { try Self.address($0) }
            return Self.refusal { () throws(ClientLimiter.Refusal) in
                try limiter.admitHandshake(of: address, at: Timestamp(nanoseconds: milliseconds * 1_000_000))
            }
        }
        for _ in 0..<2 { #expect(try handshake("192.0.2.1", 0) == nil) }
        for _ in 0..<5 {
            #expect(try handshake("192.0.2.1", 0) == .tooManyHandshakesOfClient(retryAfter: .milliseconds(500)))
        }
        #expect(try handshake("192.0.2.2", 0) == nil)
        #expect(try handshake(nil, 0) == nil)
        #expect(try handshake("192.0.2.3", 0) == .tooManyHandshakes(retryAfter: .milliseconds(250)))
        #expect(try handshake("192.0.2.3", 250) == nil)
        #expect(try handshake("192.0.2.1", 500) == nil)
    }

    @Test(
        "a refusal says what the limit is and when to come again",
        arguments: [
            (.tooManyConnections, 503, "10"), (.tooManyConnectionsOfClient, 429, "10"),
            (.tooManyHandshakes(retryAfter: .milliseconds(250)), 429, "1"),
            (.tooManyHandshakesOfClient(retryAfter: .milliseconds(2001)), 429, "3"),
            (.tooManyHandshakes(retryAfter: .seconds(2)), 429, "2"),
            (.tooManyHandshakes(retryAfter: .seconds(Int64.max) + .milliseconds(1)), 429, "\(Int64.max)"),
        ] as [(ClientLimiter.Refusal, Int, String)])
    func responses(refusal: ClientLimiter.Refusal, status: Int, retryAfter: String) {
        #expect(refusal.status == status)
        #expect(refusal.retryAfter == retryAfter)
    }
}
