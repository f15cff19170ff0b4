// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ProxyTunnelTests {
    @Test(
        "a target is an IP address or a name",
        arguments: [
            ("127.0.0.1", .ipv4([127, 0, 0, 1])), ("0.0.0.255", .ipv4([0, 0, 0, 255])),
            ("::1", .ipv6(Array(repeating: 0, count: 15) + [1])),
            ("2001:db8::a:b0c", .ipv6(Wire.hex("2001 0DB8 0000 0000 0000 0000 000A 0B0C"))),
            ("::ffff:1.2.3.4", .ipv6(Wire.hex("0000 0000 0000 0000 0000 FFFF 0102 0304"))),
            ("example.com", .name("example.com")), ("1.2.3", .name("1.2.3")), ("[::1]", .name("[::1]")),
        ] as [(String, TunnelTarget.Host)]
    )
    func targets(text: String, host: TunnelTarget.Host) {
        #expect(TunnelTarget.Host(text) == host)
    }

    @Test("a request names its target as a URI does, and where it was resolved here the address is the target")
    func requests() throws {
        let name = try TunnelRequest("http://p", to: "example.com", port: 443)
        #expect(name.authority == "example.com:443")
        #expect(name.target == TunnelTarget(host: .name("example.com"), port: 443))
        let address = try TunnelRequest("http://p", to: "2001:db8::1", port: 80)
        #expect(address.authority == "[2001:db8::1]:80")
        let resolved = try TunnelRequest("socks5://p", to: "example.com", port: 80, address: "192.0.2.1")
        #expect(resolved.authority == "example.com:80")
        #expect(resolved.target == TunnelTarget(host: .ipv4([192, 0, 2, 1]), port: 80))
    }

    @Test("each kind of proxy is asked in its own way, and each time anew", arguments: ProxyAddress.Kind.allCases)
    func kinds(kind: ProxyAddress.Kind) throws {
        let request = try TunnelRequest("\(kind.rawValue)://p", to: "192.0.2.1", port: 80)
        let (tunnel, other) = (request.makeTunnel(), request.makeTunnel())
        #expect(tunnel !== other)
        switch kind {
        case .http, .https: #expect(tunnel is HTTPTunnel)
        case .socks4, .socks4a: #expect(tunnel is SOCKS4Tunnel)
        case .socks5, .socks5h: #expect(tunnel is SOCKS5Tunnel)
        }
    }

    @Test("a reply is collected over its pieces, and what is behind it stays")
    func collects() {
        var reply = ReplyBuffer()
        var position = 0
        let first: [UInt8] = [1, 2]
        #expect(!reply.fill(to: 3, from: first.span, at: &position))
        #expect(position == 2)
        position = 1
        let second: [UInt8] = [9, 3, 4, 5]
        #expect(reply.fill(to: 3, from: second.span, at: &position))
        #expect(reply.bytes == [1, 2, 3] && position == 2)
        #expect(reply.fill(to: 3, from: second.span, at: &position))
        #expect(position == 2)
        #expect(reply.fill(to: 4, from: second.span, at: &position))
        #expect(reply.bytes == [1, 2, 3, 4] && position == 3)
        reply.clear()
        #expect(reply.bytes.isEmpty)
        #expect(!reply.fill(to: 2, from: second.span, at: &position))
        #expect(reply.bytes == [5])
    }
}

extension TunnelRequest {
    /// A request as the tests of tunnels make them.
    init(
        _ proxy: String, to host: String, port: Int, address: String? = nil, userAgent: String? = nil,
        limits: HTTPLimits = HTTPLimits()
    ) throws {
        self.init(
            to: host, port: port, address: address, through: try ProxyAddress(proxy), userAgent: userAgent,
            limits: limits)
    }
}

/// What a tunnel says to a proxy, and how it ends.
struct TunnelTalk: Equatable {
    enum End: Equatable {
        case waiting
        /// The way is open, and these bytes are the server's.
        case open(rest: [UInt8])
        case failed(String)
    }

    private(set) var sent: [[UInt8]] = []
    private(set) var end = End.waiting

    /// - Parameter pieces: what the proxy sends.
    init(_ request: TunnelRequest, _ pieces: [[UInt8]], thenEOF: Bool = false) {
        let tunnel = request.makeTunnel()
        do throws(ProxyFailure) {
            sent.append(try tunnel.start())
            for (index, piece) in pieces.enumerated() {
                switch try tunnel.receive(piece.span) {
                case .wait: break
                case .send(let bytes): sent.append(bytes)
                case .open(let consumed):
                    end = .open(rest: Array(piece[consumed...]) + Array(pieces[(index + 1)...].joined()))
                    return
                }
            }
            if thenEOF { throw tunnel.receiveEOF() }
        } catch {
            end = .failed(error.description)
        }
    }

    /// The talk in which the proxy sends `replies`, which has to be the same however one of them is cut.
    static func inEveryCut(
        _ request: TunnelRequest, _ replies: [[UInt8]], thenEOF: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> TunnelTalk {
        for (index, reply) in replies.enumerated() {
            _ = AlicornProtocolTests.inEveryCut(of: reply, sourceLocation: sourceLocation) { pieces in
                TunnelTalk(request, replies[..<index] + pieces + replies[(index + 1)...], thenEOF: thenEOF)
            }
        }
        return TunnelTalk(request, replies, thenEOF: thenEOF)
    }
}
