// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §5.4.
struct OutgoingMessageTests {
    @Test("the first frame has the kind's opcode, all others are continuations")
    func numbersFrames() throws {
        var message = OutgoingMessage()
        try message.begin(.binary, .automatic)
        #expect(message.isInProgress)
        var frame = try message.nextFrame()
        #expect(frame.opcode == .binary && frame.startsMessage && frame.choice == .automatic)
        message.didSend(isTransformed: false, endsMessage: false)
        frame = try message.nextFrame()
        #expect(frame.opcode == .continuation && !frame.startsMessage)
        message.didSend(isTransformed: false, endsMessage: true)
        #expect(!message.isInProgress)
    }

    @Test("what was decided for the first frame holds for the others (RFC 7692 §6)", arguments: [true, false])
    func keepsChoice(isTransformed: Bool) throws {
        var message = OutgoingMessage()
        try message.begin(.text, .automatic)
        message.didSend(isTransformed: isTransformed, endsMessage: false)
        #expect(try message.nextFrame().choice == (isTransformed ? .always : .never))
    }

    @Test("a message can be given up before its first fragment, not after")
    func abandons() throws {
        var message = OutgoingMessage()
        var isFree = message.abandon()
        #expect(isFree)
        try message.begin(.text, .never)
        isFree = message.abandon()
        #expect(isFree)
        #expect(!message.isInProgress)
        try message.begin(.text, .never)
        message.didSend(isTransformed: false, endsMessage: false)
        isFree = message.abandon()
        #expect(!isFree)
        #expect(message.isInProgress)
    }

    @Test("a message cannot begin inside another, nor a fragment be sent outside")
    func refusesMisuse() throws {
        var message = OutgoingMessage()
        #expect(throws: ProtocolMisuse.noMessageInProgress) { try message.nextFrame() }
        try message.begin(.text, .never)
        #expect(throws: ProtocolMisuse.messageInProgress) { try message.begin(.text, .never) }
        message.didSend(isTransformed: false, endsMessage: false)
        #expect(throws: ProtocolMisuse.messageInProgress) { try message.begin(.text, .never) }
    }
}
