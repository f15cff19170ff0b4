// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HandshakeFailureTests {
    static let malformed = InvalidExtensionHeader(expected: .token, position: 3, value: "a; ")

    static let requests: [(HandshakeFailure, Int, String)] = [
        (.method("PUT"), 405, "the method is \"PUT\", and an opening handshake uses GET"),
        (.requestVersion(.http10), 505, "the request is HTTP/1.0, and an opening handshake needs HTTP/1.1"),
        (.missingHost, 400, "missing Host header"), (.repeatedHost, 400, "more than one Host header"),
        (.invalidHost("", .empty), 400, "invalid Host header \"\": the host is missing"),
        (.unknownHost("h"), 421, "this server does not answer for the host \"h\""),
        (.announcedBody, 400, "the request announces a body, which an opening handshake does not have"),
        (.missingVersion, 426, "missing Sec-WebSocket-Version header; this server speaks version 13"),
        (.repeatedVersion, 400, "more than one Sec-WebSocket-Version header"),
        (.unsupportedVersion("8"), 426, "unsupported Sec-WebSocket-Version \"8\"; this server speaks version 13"),
        (.missingKey, 400, "missing Sec-WebSocket-Key header"),
        (.repeatedKey, 400, "more than one Sec-WebSocket-Key header"),
        (.invalidKey("x"), 400, "invalid Sec-WebSocket-Key header \"x\": it is not the base64 form of 16 bytes"),
        (.missingOrigin, 403, "missing Origin header"), (.repeatedOrigin, 400, "more than one Origin header"),
        (.forbiddenOrigin("null"), 403, "the origin \"null\" is not allowed"),
        (
            .missingSubprotocol(supported: ["a", "b"]), 400,
            "missing Sec-WebSocket-Protocol header; this server speaks \"a\", \"b\""
        ),
        (
            .noCommonSubprotocol(offered: ["x"], supported: ["a"]), 400,
            "none of the offered subprotocols \"x\" is supported; this server speaks \"a\""
        ),
        (.repeatedSubprotocol("a"), 400, "the subprotocol \"a\" is offered twice"),
        (.missingUpgrade, 426, "missing Upgrade header"),
        (.invalidUpgrade("h2c"), 426, "invalid Upgrade header \"h2c\": it has to be websocket"),
        (.missingConnection, 426, "missing Connection header"),
        (.invalidConnection("close"), 426, "invalid Connection header \"close\": it has to hold Upgrade"),
        (
            .malformedList(.init(name: "Connection", element: "a b")), 400,
            "invalid Connection header: \"a b\" is not a token"
        ),
        (
            .malformedExtensions(malformed), 400,
            "invalid Sec-WebSocket-Extensions header: expected token at 3 in \"a; \""
        ),
        (.refusedByApplication(status: 418), 418, "the application answered 418"),
        (.shuttingDown, 503, "the server is shutting down"),
    ]

    @Test("every failure of a request has a status and a sentence", arguments: requests)
    func describesRequests(failure: HandshakeFailure, status: Int, text: String) {
        #expect(failure.responseStatus == status)
        #expect(failure.description == text)
    }

    static let responses: [(HandshakeFailure, String)] = [
        (.status(.init(status: 404)), "the server answered 404 (Not Found) instead of 101 (Switching Protocols)"),
        (.status(.init(status: 599, reason: "\u{9B}")), "the server answered 599 instead of 101 (Switching Protocols)"),
        (.responseVersion(.http10), "the server answered with HTTP/1.0 instead of HTTP/1.1"),
        (.missingAccept, "missing Sec-WebSocket-Accept header"),
        (.repeatedAccept, "more than one Sec-WebSocket-Accept header"),
        (.wrongAccept("a", expected: "b"), "wrong Sec-WebSocket-Accept header \"a\": the key asks for \"b\""),
        (.repeatedExtensions, "more than one Sec-WebSocket-Extensions header"),
        (.unofferedExtension("x"), "the server accepted the extension \"x\", which was not offered"),
        (.severalExtensions(["x", "y"]), "the server accepted several extensions at once: \"x\", \"y\""),
        (.refusedExtension(.init("x", [.init("a", "1")]), .init("no")), "the server answered \"x; a=1\": no"),
        (.severalSubprotocols, "the server accepted more than one subprotocol"),
        (.unofferedSubprotocol("x"), "the server accepted the subprotocol \"x\", which was not offered"),
    ]

    @Test("every failure of a response has a sentence and no status", arguments: responses)
    func describesResponses(failure: HandshakeFailure, text: String) {
        #expect(failure.responseStatus == nil)
        #expect(failure.description == text)
    }

    @Test("of long lists ten names are shown")
    func shortensLists() {
        let names = Array(repeating: "x", count: 11)
        #expect(HandshakeFailure.severalExtensions(names).description.hasSuffix("\"x\", ..."))
        #expect(HandshakeFailure.severalExtensions(names.dropLast()).description.hasSuffix("\"x\""))
    }
}
