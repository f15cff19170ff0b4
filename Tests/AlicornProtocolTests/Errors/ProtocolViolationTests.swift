// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ProtocolViolationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var violation: ProtocolViolation
        var code: CloseCode
        var sentence: String
        var testDescription: String { sentence }

        init(_ violation: ProtocolViolation, _ code: CloseCode, _ sentence: String) {
            (self.violation, self.code, self.sentence) = (violation, code, sentence)
        }
    }

    static let rows: [Row] = [
        Row(.reservedBits(4), 1002, "reserved bits RSV1 are set but no extension uses them"),
        Row(.reservedBits(3), 1002, "reserved bits RSV2, RSV3 are set but no extension uses them"),
        Row(.reservedOpcode(3), 1002, "opcode 3 is reserved"),
        Row(.unmaskedFrame, 1002, "frame from a client is not masked"),
        Row(.maskedFrame, 1002, "frame from a server is masked"),
        Row(.fragmentedControlFrame, 1002, "control frame is fragmented"),
        Row(.controlFrameTooLong, 1002, "control frame has more than 125 bytes"),
        Row(.nonMinimalLength, 1002, "payload length is not encoded in the fewest bytes"),
        Row(.lengthTooLarge, 1002, "payload length has its top bit set"),
        Row(.unexpectedContinuation, 1002, "continuation frame without a message in progress"),
        Row(.expectedContinuation, 1002, "new message before the last one ended"),
        Row(.compressedContinuation, 1002, "RSV1 is set on a continuation frame"),
        Row(.closeFrameTooShort, 1002, "close frame has one byte of payload"),
        Row(.invalidCloseCode(1006), 1002, "close code 1006 must not be sent"),
        Row(.invalidCloseReason, 1007, "close reason is not valid UTF-8"),
        Row(.invalidText(position: 7), 1007, "text is not valid UTF-8 at byte 7"),
        Row(.messageTooBig(size: 9, limit: 8), 1009, "message of at least 9 bytes exceeds the limit of 8"),
        Row(.frameTooBig(size: 9, limit: 8), 1009, "frame of 9 bytes exceeds the limit of 8"),
        Row(.tooManyFragments(limit: 4096), 1009, "message comes in more than 4096 fragments"),
        Row(.transformFailed(TransformFailure("bad block")), 1002, "bad block"),
    ]

    @Test("each violation has its close code and says what the peer did (RFC 6455 §7.4.1)", arguments: rows)
    func describes(row: Row) {
        #expect(row.violation.closeCode == row.code)
        #expect(row.violation.description == row.sentence)
        #expect(row.violation.closeFrame == CloseFrame(row.code, reason: row.sentence))
    }

    @Test("a sentence that is too long for a close frame is cut there")
    func cutsReason() {
        let violation = ProtocolViolation.transformFailed(TransformFailure(String(repeating: "x", count: 200)))
        #expect(violation.closeFrame.reason == String(repeating: "x", count: 123))
    }

    @Test("limits are told from rules of the protocol")
    func limits() {
        let limits: [ProtocolViolation] = [
            .messageTooBig(size: 2, limit: 1), .frameTooBig(size: 2, limit: 1), .tooManyFragments(limit: 1),
        ]
        #expect(limits.allSatisfy { $0.isOfLimit })
        #expect(!ProtocolViolation.unmaskedFrame.isOfLimit)
    }
}
