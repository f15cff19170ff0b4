// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Who a request is from")
struct TrustedForwardingTests {
    private static func client(
        _ lines: [(String, String)], _ fields: TrustedForwarding.Fields, from peer: String?
    ) throws -> TrustedForwarding.Client? {
        var head = RequestHead(method: "GET", target: "/")
        for (name, value) in lines { try head.fields.append(name: name, value: value) }
        let forwarding = TrustedForwarding(fields, from: try TrustedProxies(["10.0.0.0/8", "unix"]))
        return forwarding.client(of: head, from: try peer.map { try #require(HostAddress($0.utf8)) })
    }

    @Test(
        "the last address that is no proxy of ours counts",
        arguments: [
            ("192.0.2.1", "10.0.0.1", "192.0.2.1"), ("192.0.2.9, 192.0.2.1", "10.0.0.1", "192.0.2.1"),
            ("192.0.2.9, 192.0.2.1, 10.0.0.2, 10.0.0.3", "10.0.0.1", "192.0.2.1"),
            ("10.0.0.4, 10.0.0.2", nil, "10.0.0.4"),
            ("192.0.2.9, unknown, 10.0.0.2", "10.0.0.1", "10.0.0.2"), ("unknown", "10.0.0.1", nil),
            ("", "10.0.0.1", nil),
            ("192.0.2.1", "192.0.2.5", nil), ("192.0.2.1", nil, "192.0.2.1"),
        ] as [(String, String?, String?)])
    func addresses(list: String, peer: String?, address: String?) throws {
        let client = try Self.client([("X-Forwarded-For", list)], .xForwarded, from: peer)
        #expect(client?.address == address.flatMap { HostAddress($0.utf8) })
    }

    @Test("the fields that the proxies do not write are not looked at")
    func otherFields() throws {
        let lines = [("Forwarded", "for=192.0.2.1;proto=https"), ("X-Forwarded-For", "192.0.2.2:81")]
        let standard = try #require(try Self.client(lines, .forwarded, from: "10.0.0.1"))
        #expect(standard.address == HostAddress("192.0.2.1".utf8) && standard.port == 0 && standard.isSecure == true)
        let customary = try #require(try Self.client(lines, .xForwarded, from: "10.0.0.1"))
        #expect(customary.address == HostAddress("192.0.2.2".utf8) && customary.port == 81)
        #expect(customary.isSecure == nil)
    }

    @Test("a malformed field tells nothing")
    func malformed() throws {
        #expect(try Self.client([("Forwarded", "for=192.0.2.1, for")], .forwarded, from: "10.0.0.1") == nil)
    }
}
