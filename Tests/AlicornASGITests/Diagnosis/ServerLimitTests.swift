// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Testing

@Suite("Limits that are hit")
struct ServerLimitTests {
    @Test("a violation of HTTP is of a limit when its status says too large, too long or too late")
    func http() {
        for violation in HTTPViolation.allCases where violation != .methodTooLong {
            let isOfLimit = [408, 413, 414, 431].contains(violation.status)
            #expect((ServerLimit(violation) != nil) == isOfLimit, "\(violation)")
        }
        #expect(ServerLimit(.headTimedOut) == .headTime)
        #expect(ServerLimit(.bodyTooLarge) == .body)
        #expect(ServerLimit(.methodTooLong) == .head)
    }

    @Test(
        "the end of a connection is of a limit when we ended it for what the peer did too much or too slowly",
        arguments: [
            (.violation(.tooManyFragments(limit: 1)), .message), (.violation(.maskedFrame), nil),
            (.keepaliveTimeout(silence: .seconds(40)), .keepaliveTime), (.writeTimeout(.seconds(1)), .writeTime),
            (.tooMuchUnsent(bytes: 2, limit: 1), .unsentBytes), (.closedByPeer, nil), (.connectionLost, nil),
            (.shutdown, nil),
        ] as [(Closure.Cause, ServerLimit?)])
    func webSocket(cause: Closure.Cause, limit: ServerLimit?) {
        #expect(ServerLimit(cause) == limit)
    }
}
