// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §5.5.1, §7.4.
struct CloseFrameTests {
    @Test("code and reason are read (FRM-08)")
    func reads() throws {
        #expect(try CloseFrame(payload: Wire.hex("03 e8").span) == CloseFrame(.normalClosure))
        #expect(try CloseFrame(payload: Wire.hex("0f a0 c3 a9").span) == CloseFrame(4000, reason: "\u{E9}"))
        let longest = Wire.hex("03 e9") + Array(repeating: 0x61, count: 123)
        #expect(try CloseFrame(payload: longest.span).reason.utf8.count == 123)
    }

    @Test("an empty payload is 1005, which is written as an empty payload again")
    func readsEmpty() throws {
        #expect(try CloseFrame(payload: [UInt8]().span) == CloseFrame(.noStatusReceived))
        #expect(CloseFrame(.noStatusReceived).payload == [])
    }

    static let invalid: [(String, ProtocolViolation)] = [
        ("03", .closeFrameTooShort),
        ("00 00", .invalidCloseCode(0)),
        ("03 e7", .invalidCloseCode(999)),
        ("03 ec", .invalidCloseCode(1004)),
        ("03 ed", .invalidCloseCode(1005)),
        ("03 ee", .invalidCloseCode(1006)),
        ("03 f7", .invalidCloseCode(1015)),
        ("03 f8", .invalidCloseCode(1016)),
        ("0b b7", .invalidCloseCode(2999)),
        ("13 88", .invalidCloseCode(5000)),
        ("ff ff", .invalidCloseCode(65535)),
        ("03 e8 ff", .invalidCloseReason),
        ("03 e8 61 c3", .invalidCloseReason),
        ("03 ec ff", .invalidCloseCode(1004)),
    ]

    @Test("a short payload, a code that must not be sent and a reason that is not UTF-8 are faults", arguments: invalid)
    func refuses(hex: String, violation: ProtocolViolation) {
        #expect(throws: violation) { try CloseFrame(payload: Wire.hex(hex).span) }
    }

    @Test("what is written is read again")
    func roundTrips() throws {
        for frame in [CloseFrame(.normalClosure), CloseFrame(4999, reason: "au revoir \u{1F984}")] {
            #expect(try CloseFrame(payload: frame.payload.span) == frame)
        }
        #expect(CloseFrame(.goingAway, reason: "a").payload == Wire.hex("03 e9 61"))
    }

    @Test("a reason is cut to 123 bytes between characters")
    func fits() {
        #expect(CloseFrame(1000, reason: "short").fittingReason() == CloseFrame(1000, reason: "short"))
        let exact = String(repeating: "a", count: 123)
        #expect(CloseFrame(1000, reason: exact).fittingReason().reason == exact)
        #expect(CloseFrame(1000, reason: exact + "b").fittingReason().reason == exact)
        let wide = String(repeating: "a", count: 121) + "\u{4E2D}"
        #expect(CloseFrame(1000, reason: wide).fittingReason().reason == String(repeating: "a", count: 121))
    }

    @Test("a frame is described with code, meaning and reason, on one line")
    func describes() {
        #expect(CloseFrame(1000).description == "1000 (OK)")
        #expect(CloseFrame(1001, reason: "see you").description == "1001 (going away) see you")
        #expect(CloseFrame(1001, reason: "a\nb\u{9B}").description == "1001 (going away) a\\nb\\x9b")
    }
}
