// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct SOCKS4TunnelTests {
    @Test(
        "a request holds port, IPv4 address and user name, and in version 4A a name (SOCKS 4, SOCKS 4A)",
        arguments: [
            ("socks4://p", "example.com", "192.0.2.1", 443, [4, 1, 0x01, 0xBB, 192, 0, 2, 1, 0]),
            ("socks4a://p", "192.0.2.1", nil, 65535, [4, 1, 0xFF, 0xFF, 192, 0, 2, 1, 0]),
            ("socks4://ann:secret@p", "192.0.2.1", nil, 80, [4, 1, 0, 80, 192, 0, 2, 1] + bytes("ann\0")),
            ("socks4a://p", "example.com", nil, 80, [4, 1, 0, 80, 0, 0, 0, 1, 0] + bytes("example.com\0")),
            ("socks4a://ann:@p", "h", nil, 80, [4, 1, 0, 80, 0, 0, 0, 1] + bytes("ann\0h\0")),
        ] as [(String, String, String?, Int, [UInt8])]
    )
    func asks(proxy: String, host: String, address: String?, port: Int, expected: [UInt8]) throws {
        let request = try TunnelRequest(proxy, to: host, port: port, address: address)
        #expect(try request.makeTunnel().start() == expected)
    }

    @Test("an IPv6 address cannot be asked for")
    func ipv6() throws {
        let talk = TunnelTalk(try TunnelRequest("socks4a://p", to: "::1", port: 80), [])
        #expect(talk.sent.isEmpty)
        #expect(talk.end == .failed("\(ProxyFailure.needsIPv4)"))
    }

    @Test("names and user names have at most 255 bytes")
    func lengths() throws {
        let (longest, tooLong) = (String(repeating: "x", count: 255), String(repeating: "x", count: 256))
        let name = try TunnelRequest("socks4a://p", to: longest, port: 80)
        #expect(try name.makeTunnel().start() == [4, 1, 0, 80, 0, 0, 0, 1, 0] + bytes(longest) + [0])
        let user = try TunnelRequest("socks4://\(longest):@p", to: "192.0.2.1", port: 80)
        #expect(try user.makeTunnel().start() == [4, 1, 0, 80, 192, 0, 2, 1] + bytes(longest) + [0])
        for request in [
            try TunnelRequest("socks4a://p", to: tooLong, port: 80),
            try TunnelRequest("socks4://\(tooLong):@p", to: "192.0.2.1", port: 80),
        ] {
            let talk = TunnelTalk(request, [])
            #expect(talk.sent.isEmpty)
            #expect(talk.end == .failed("\(ProxyFailure.unfitLength)"))
        }
    }

    @Test(
        "a reply of eight bytes with code 90 opens the way, and what is behind it is the server's",
        arguments: [[], [0x16, 0x03], [0, 90, 0, 0, 0, 0, 0, 0]] as [[UInt8]]
    )
    func opens(rest: [UInt8]) throws {
        let talk = TunnelTalk.inEveryCut(try request, [[0, 90, 1, 2, 3, 4, 5, 6] + rest])
        #expect(talk.sent.count == 1)
        #expect(talk.end == .open(rest: rest))
    }

    @Test(
        "every other code refuses, once the reply is whole",
        arguments: [
            (91, .notConnected(version: 4, code: 91)), (92, .credentialsRefused), (93, .credentialsRefused),
            (0, .notConnected(version: 4, code: 0)), (94, .notConnected(version: 4, code: 94)),
        ] as [(UInt8, ProxyFailure)]
    )
    func refuses(code: UInt8, failure: ProxyFailure) throws {
        let talk = TunnelTalk.inEveryCut(try request, [[0, code, 0, 0, 0, 0, 0, 0]])
        #expect(talk.end == .failed("\(failure)"))
        #expect(TunnelTalk(try request, [[0, code, 0, 0, 0, 0, 0]]).end == .waiting)
    }

    @Test("a reply of another version is known by its first byte", arguments: [4, 5, 0x48] as [UInt8])
    func versions(byte: UInt8) throws {
        let failure = ProxyFailure.notSOCKS(version: 4, got: byte)
        #expect(TunnelTalk.inEveryCut(try request, [[byte, 90, 0, 0, 0, 0, 0, 0]]).end == .failed("\(failure)"))
        #expect(TunnelTalk(try request, [[byte]]).end == .failed("\(failure)"))
    }

    @Test("the end of the connection before the reply is the failure", arguments: 0..<8)
    func eof(count: Int) throws {
        let reply: [UInt8] = [0, 90, 0, 0, 0, 0, 0, 0]
        let talk = TunnelTalk.inEveryCut(try request, [Array(reply.prefix(count))], thenEOF: true)
        #expect(talk.end == .failed("\(ProxyFailure.ended)"))
    }

    private var request: TunnelRequest {
        get throws { try TunnelRequest("socks4://p", to: "192.0.2.1", port: 80) }
    }
}
