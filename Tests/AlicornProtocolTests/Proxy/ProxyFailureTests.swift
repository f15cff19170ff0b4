// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ProxyFailureTests {
    static let sentences: [(ProxyFailure, String)] = [
        (.refused(.init(head: .init(status: 403))), "the proxy answered 403 Forbidden"),
        (
            .refused(.init(head: .init(status: 407))),
            "the proxy answered 407 Proxy Authentication Required: it wants another user name and password"
        ),
        (.refused(.init(head: .init(status: 599, reason: "a\nb"))), #"the proxy answered 599 a\nb"#),
        (
            .http(.malformedStatusLine),
            "the proxy did not answer in HTTP: \(HTTPViolation.malformedStatusLine)"
        ),
        (.ended, "the proxy ended the connection before it had answered"),
        (.unexpectedBytes, "the proxy sent bytes before there was a way to the server"),
        (
            .notSOCKS(version: 5, got: 72),
            "the proxy does not speak SOCKS 5: it answered with the byte 72"
        ),
        (.credentialsRequired, "the proxy wants a user name and password, and its address has none"),
        (.noMethod(0xFF), "the proxy accepts none of the ways to identify that it was offered"),
        (.noMethod(1), "the proxy wants to identify us by the method 1, which is not supported"),
        (.credentialsRefused, "the proxy refuses the user name and password"),
        (
            .unfitLength,
            "the proxy cannot be told the host, the user name or the password: SOCKS has from 1 to 255 bytes for each"
        ),
        (
            .needsIPv4,
            "the proxy speaks SOCKS 4, which knows IPv4 addresses only: use socks4a, socks5 or socks5h"
        ),
        (.misuse(.invalidTarget("a b")), "the proxy cannot be asked: \(HTTPMisuse.invalidTarget("a b"))"),
    ]

    @Test("every failure is a sentence (PRX-07)", arguments: sentences)
    func describes(failure: ProxyFailure, sentence: String) {
        #expect(failure.description == sentence)
    }

    @Test(
        "the codes of SOCKS are put into words (RFC 1928 §6)",
        arguments: [
            (5, 1, "general failure"), (5, 2, "its rules do not allow it"), (5, 3, "the network is unreachable"),
            (5, 4, "the host is unreachable"), (5, 5, "the server refused the connection"),
            (5, 6, "the time to live expired"), (5, 7, "it does not know how to connect"),
            (5, 8, "it does not know this kind of address"), (5, 9, "code 9"), (5, 91, "code 91"),
            (4, 91, "the request was rejected or failed"), (4, 1, "code 1"), (4, 255, "code 255"),
        ] as [(Int, UInt8, String)]
    )
    func describesCodes(version: Int, code: UInt8, text: String) {
        #expect(
            ProxyFailure.notConnected(version: version, code: code).description == "the proxy did not connect: \(text)")
    }
}
