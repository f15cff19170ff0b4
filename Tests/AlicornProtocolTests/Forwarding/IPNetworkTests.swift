// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Networks")
struct IPNetworkTests {
    @Test(
        "a network has the addresses that begin as it does",
        arguments: [
            ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"], ["192.0.3.0", "::192.0.2.7"]),
            ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "::"]), ("0.0.0.0/0", ["1.2.3.4"], ["::1"]),
            ("::/0", ["::1", "1.2.3.4"], []), ("2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::"]),
            ("::1", ["::1"], ["::2"]), ("10.0.0.0/8", ["10.255.0.1"], ["11.0.0.0"]),
        ])
    func contains(text: String, inside: [String], outside: [String]) throws {
        let network = try IPNetwork(text)
        #expect(network.description == text)
        for address in inside { #expect(network.contains(try #require(HostAddress(address.utf8))), "\(address)") }
        for address in outside { #expect(!network.contains(try #require(HostAddress(address.utf8))), "\(address)") }
    }

    @Test(
        "what is no network is an error that says why",
        arguments: [
            ("", InvalidNetwork.address(""), "is no network: write"), ("example.com", .address("example.com"), "write"),
            ("10.0.0.0/33", .length("10.0.0.0/33", largest: 32), "0 to 32"),
            ("::/129", .length("::/129", largest: 128), "0 to 128"),
            ("10.0.0.0/", .length("10.0.0.0/", largest: 32), "0 to 32"),
            ("10.0.0.0/+8", .length("10.0.0.0/+8", largest: 32), "0 to 32"),
            ("10.0.0.0/8/8", .length("10.0.0.0/8/8", largest: 32), "0 to 32"),
            ("10.0.0.1/8", .bitsBehindLength("10.0.0.1/8"), "bits set"),
            ("10.0.0.0/0008", .length("10.0.0.0/0008", largest: 32), "0 to 32"),
        ])
    func invalid(text: String, error: InvalidNetwork, part: String) {
        #expect(throws: error) { try IPNetwork(text) }
        #expect(error.description.contains(part))
    }
}
