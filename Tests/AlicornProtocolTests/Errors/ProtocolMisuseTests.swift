// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ProtocolMisuseTests {
    static let sentences: [(ProtocolMisuse, String)] = [
        (.closing, "the connection is closing: nothing can be sent any more"),
        (
            .invalidCloseCode(1006),
            "1006 must not be sent as a close code: use 1000 to 1003, 1007 to 1014 or 3000 to 4999"
        ),
        (.closeReasonTooLong(bytes: 124), "a close reason has at most 123 bytes, this one has 124"),
        (.controlPayloadTooLong(bytes: 126), "a ping or pong has at most 125 bytes of payload, this one has 126"),
        (.messageInProgress, "a fragmented message is being sent: end it before the next one begins"),
        (.noMessageInProgress, "no fragmented message is being sent: begin one before sending a fragment"),
        (.tooManyPings(limit: 64), "64 pings already wait for their pong"),
        (.duplicatePing, "a ping with the same payload already waits for its pong"),
    ]

    @Test("each misuse says what was wrong and what to do", arguments: sentences)
    func describes(misuse: ProtocolMisuse, sentence: String) { #expect(misuse.description == sentence) }
}
