// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct SOCKS5TunnelTests {
    /// The reply to the request that opens the way.
    private static let success: [UInt8] = [5, 0, 0, 1, 192, 0, 2, 9, 0x1F, 0x90]
    /// The request for `192.0.2.1:443`.
    private static let connect: [UInt8] = [5, 1, 0, 1, 192, 0, 2, 1, 0x01, 0xBB]

    private func request(_ proxy: String = "socks5://p", to host: String = "192.0.2.1") throws -> TunnelRequest {
        try TunnelRequest(proxy, to: host, port: 443)
    }

    @Test(
        "without identification the request follows at once: an IP address, or a name for the proxy (RFC 1928 §4)",
        arguments: [
            ("192.0.2.1", [5, 1, 0, 1, 192, 0, 2, 1, 0x01, 0xBB]),
            ("2001:db8::1", Wire.hex("05 01 00 04 20010DB8 00000000 00000000 00000001 01BB")),
            ("example.com", [5, 1, 0, 3, 11] + bytes("example.com") + [0x01, 0xBB]),
        ]
    )
    func asks(host: String, expected: [UInt8]) throws {
        let talk = TunnelTalk.inEveryCut(try request(to: host), [[5, 0], Self.success])
        #expect(talk.sent == [[5, 1, 0], expected])
        #expect(talk.end == .open(rest: []))
    }

    @Test(
        "a reply is as long as the address in it, and what is behind it is the server's (RFC 1928 §6)",
        arguments: [
            [5, 0, 0, 1, 0, 0, 0, 0, 0, 0], Wire.hex("05 00 00 04 00000000 00000000 00000000 00000000 0000"),
            [5, 0, 0, 3, 0, 0, 0], [5, 0, 0, 3, 1, 0x68, 0, 0],
            [5, 0, 0, 3, 255] + Array(repeating: 0x68, count: 255) + [0, 0],
        ] as [[UInt8]]
    )
    func replies(reply: [UInt8]) throws {
        for rest: [UInt8] in [[], [0x16, 3, 1], Self.success] {
            #expect(TunnelTalk.inEveryCut(try request(), [[5, 0], reply + rest]).end == .open(rest: rest))
        }
        #expect(TunnelTalk(try request(), [[5, 0], reply.dropLast()]).end == .waiting)
    }

    @Test("user name and password are sent where the proxy chooses that (RFC 1929 §2)")
    func identifies() throws {
        let replies: [[UInt8]] = [[5, 2], [1, 0], Self.success]
        let talk = TunnelTalk.inEveryCut(try request("socks5://ann:secret@p"), replies)
        #expect(talk.sent == [[5, 2, 0, 2], [1, 3] + bytes("ann") + [6] + bytes("secret"), Self.connect])
        #expect(talk.end == .open(rest: []))
    }

    @Test("user name and password are not sent where the proxy does not ask for them")
    func doesNotIdentify() throws {
        let talk = TunnelTalk.inEveryCut(try request("socks5://ann:secret@p"), [[5, 0], Self.success])
        #expect(talk.sent == [[5, 2, 0, 2], Self.connect])
        #expect(talk.end == .open(rest: []))
    }

    @Test(
        "a proxy that accepts no way to identify, or one that was not offered, is told (RFC 1928 §3)",
        arguments: [
            ("socks5://p", 2, .credentialsRequired), ("socks5://p", 0xFF, .credentialsRequired),
            ("socks5://p", 1, .noMethod(1)), ("socks5://ann:secret@p", 0xFF, .noMethod(0xFF)),
            ("socks5://ann:secret@p", 1, .noMethod(1)), ("socks5://ann:secret@p", 0x80, .noMethod(0x80)),
        ] as [(String, UInt8, ProxyFailure)]
    )
    func methods(proxy: String, method: UInt8, failure: ProxyFailure) throws {
        let talk = TunnelTalk.inEveryCut(try request(proxy), [[5, method]])
        #expect(talk.sent.count == 1)
        #expect(talk.end == .failed("\(failure)"))
    }

    @Test("any status but 0 refuses user name and password (RFC 1929 §2)", arguments: [1, 5, 0xFF] as [UInt8])
    func refusedCredentials(status: UInt8) throws {
        let talk = TunnelTalk.inEveryCut(try request("socks5://ann:secret@p"), [[5, 2], [1, status]])
        #expect(talk.sent.count == 2)
        #expect(talk.end == .failed("\(ProxyFailure.credentialsRefused)"))
    }

    @Test("a code but 0 says why the proxy did not connect (RFC 1928 §6)", arguments: [1, 2, 5, 8, 9, 0xFF] as [UInt8])
    func refuses(code: UInt8) throws {
        let reply: [UInt8] = [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
        let talk = TunnelTalk.inEveryCut(try request(), [[5, 0], reply])
        #expect(talk.end == .failed("\(ProxyFailure.notConnected(version: 5, code: code))"))
    }

    @Test(
        "what is not the version that belongs there is known by its first byte",
        arguments: [
            ([[4, 0]], 4), ([[0x48, 0x54]], 0x48), ([[1, 0]], 1), ([[5, 2], [5, 0]], 5), ([[5, 2], [0, 0]], 0),
            ([[5, 0], [4, 0, 0, 1, 0, 0, 0, 0, 0, 0]], 4), ([[5, 2], [1, 0], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]], 1),
        ] as [([[UInt8]], UInt8)]
    )
    func versions(replies: [[UInt8]], byte: UInt8) throws {
        let (request, failure) = (try request("socks5://ann:secret@p"), ProxyFailure.notSOCKS(version: 5, got: byte))
        #expect(TunnelTalk.inEveryCut(request, replies).end == .failed("\(failure)"))
        let firstByte = replies.dropLast() + [[byte]]
        #expect(TunnelTalk(request, Array(firstByte)).end == .failed("\(failure)"))
    }

    @Test(
        "an address of an unknown kind has no length that could be known (RFC 1928 §5)",
        arguments: [0, 2, 5] as [UInt8])
    func kindsOfAddress(kind: UInt8) throws {
        let talk = TunnelTalk.inEveryCut(try request(), [[5, 0], [5, 0, 0, kind, 0, 0, 0, 0, 0, 0]])
        #expect(talk.end == .failed("\(ProxyFailure.notSOCKS(version: 5, got: kind))"))
    }

    @Test(
        "a proxy may not say more before it is asked", arguments: [[[5, 0, 5]], [[5, 2, 1]], [[5, 2], [1, 0, 5]]])
    func unexpectedBytes(replies: [[UInt8]]) throws {
        let talk = TunnelTalk(try request("socks5://ann:secret@p"), replies)
        #expect(talk.end == .failed("\(ProxyFailure.unexpectedBytes)"))
    }

    @Test("names, user names and passwords have at most 255 bytes, and the latter at least one (RFC 1929 §2)")
    func lengths() throws {
        let (longest, tooLong) = (String(repeating: "x", count: 255), String(repeating: "x", count: 256))
        let replies: [[UInt8]] = [[5, 2], [1, 0], Self.success]
        let talk = TunnelTalk(try request("socks5h://\(longest):\(longest)@p", to: longest), replies)
        let text = bytes(longest)
        #expect(talk.sent[1] == [1, 255] + text + [255] + text)
        #expect(talk.sent[2] == [5, 1, 0, 3, 255] + text + [0x01, 0xBB])
        #expect(talk.end == .open(rest: []))
        for request in [
            try request("socks5h://p", to: tooLong), try request("socks5://\(tooLong):x@p"),
            try request("socks5://x:\(tooLong)@p"), try request("socks5://x:@p"), try request("socks5://:x@p"),
        ] {
            let talk = TunnelTalk(request, [])
            #expect(talk.sent.isEmpty)
            #expect(talk.end == .failed("\(ProxyFailure.unfitLength)"))
        }
    }

    @Test(
        "the end of the connection before the way is open is the failure",
        arguments: [
            [], [[5]], [[5, 2]], [[5, 2], [1]], [[5, 2], [1, 0]], [[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0]],
        ]
    )
    func eof(replies: [[UInt8]]) throws {
        let talk = TunnelTalk.inEveryCut(try request("socks5://ann:secret@p"), replies, thenEOF: true)
        #expect(talk.end == .failed("\(ProxyFailure.ended)"))
    }
}
