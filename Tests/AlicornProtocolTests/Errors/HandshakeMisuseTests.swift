// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HandshakeMisuseTests {
    @Test(
        "every misuse is told in a sentence",
        arguments: [
            (.header(.name("a b")), "\"a b\" is not a header name: only token characters may stand in it"),
            (.reservedHeader("Upgrade"), "the header Upgrade belongs to the opening handshake, which sets it itself"),
            (.repeatedHeader("Host"), "the header Host can have one value only"),
            (.subprotocol("a b"), "\"a b\" cannot be a subprotocol: only token characters may stand in its name"),
            (.repeatedSubprotocol("a"), "the subprotocol \"a\" is listed twice"),
            (.unofferedSubprotocol("a"), "the subprotocol \"a\" was not offered by the client"),
            (.unsupportedSubprotocol("a"), "the subprotocol \"a\" is not among those configured"),
            (.status(101), "a handshake cannot be refused with the status 101; use 200 to 599"),
            (
                .changedResponse,
                "the response was changed in what makes it the answer to the handshake: leave its status, Upgrade, "
                    + "Connection and Sec-WebSocket- fields alone"
            ),
        ] as [(HandshakeMisuse, String)]
    )
    func describes(misuse: HandshakeMisuse, text: String) {
        #expect(misuse.description == text)
    }
}
