// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HandshakeFailureRemedyTests {
    private func request(_ names: String...) throws -> RequestHead {
        var fields = HeaderFields()
        for name in names { try fields.append(name: name, value: "x") }
        return RequestHead(method: "GET", target: "/", fields: fields)
    }

    @Test(
        "a handshake without what a proxy takes out has a remedy (RFC 9110 §7.6.1)",
        arguments: [
            HandshakeFailure.missingUpgrade, .invalidUpgrade("h2c"), .missingConnection, .invalidConnection("close"),
            .requestVersion(.http10),
        ])
    func spoilt(failure: HandshakeFailure) throws {
        #expect(failure.remedy(for: try request("Sec-WebSocket-Key"))?.contains("proxy_set_header Upgrade") == true)
        #expect(failure.remedy(for: try request("Sec-WebSocket-Version")) != nil)
        // What no client of WebSocket has sent is somebody's page view.
        #expect(failure.remedy(for: try request("Accept")) == nil)
    }

    @Test("other faults are not a proxy's")
    func others() throws {
        #expect(HandshakeFailure.missingKey.remedy(for: try request("Sec-WebSocket-Version")) == nil)
    }
}
