// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Testing

@Suite("Causes of refused handshakes")
struct RefusalCauseTests {
    private static let words: [(failure: HandshakeFailure, cause: RefusalCause)] = [
        (.method("POST"), .method), (.requestVersion(.http10), .httpVersion), (.missingHost, .host),
        (.repeatedHost, .host), (.unknownHost("x"), .unknownHost), (.announcedBody, .announcedBody),
        (.missingVersion, .version), (.unsupportedVersion("8"), .version), (.missingKey, .key),
        (.invalidKey("x"), .key), (.missingOrigin, .missingOrigin), (.forbiddenOrigin("x"), .forbiddenOrigin),
        (.noCommonSubprotocol(offered: [], supported: []), .subprotocol), (.missingUpgrade, .upgrade),
        (.invalidUpgrade("h2c"), .upgrade), (.missingConnection, .connection),
        (.invalidConnection("close"), .connection), (.refusedByApplication(status: 403), .application),
        (.shuttingDown, .shuttingDown), (.missingAccept, .other),
    ]

    @Test("each failure that a server finds has its word", arguments: words)
    func failures(failure: HandshakeFailure, cause: RefusalCause) {
        #expect(RefusalCause(failure) == cause)
        #expect((failure.responseStatus == nil) == (cause == .other))
    }
}
