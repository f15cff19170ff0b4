// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Testing

@Suite("Endpoints as addresses")
struct SocketEndpointHostAddressTests {
    @Test(
        "an address becomes an endpoint and comes back",
        arguments: [("192.0.2.1", "192.0.2.1:80"), ("2001:db8::1", "[2001:db8::1]:80"), ("::1", "[::1]:80")])
    func roundTrip(text: String, description: String) throws {
        let address = try #require(HostAddress(text.utf8))
        let endpoint = SocketEndpoint(address, port: 80)
        #expect(endpoint.description == description)
        #expect(endpoint.hostAddress == address)
    }

    @Test("other endpoints have none")
    func others() {
        #expect(SocketEndpoint.unix(path: "/a").hostAddress == nil)
        #expect(SocketEndpoint.named("a").hostAddress == nil)
    }
}
