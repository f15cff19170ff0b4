// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import AlicornTransport
import Testing

@testable import AlicornCommand

@Suite("Comparing answers")
struct AnswerCheckTests {
    private func message(_ size: Int, _ payload: LoadPlan.Payload = .binary) -> LoadMessage {
        var plan = LoadPlan()
        plan.size = size
        plan.payload = payload
        return LoadMessage(payload.kind, LoadMessage.payload(plan, variant: 3), pipeline: 4)
    }

    /// What is wrong with a message that comes in these pieces.
    private func mistake(
        _ check: inout AnswerCheck, _ pieces: [[UInt8]], _ kind: MessageKind = .binary, isCompressed: Bool = false
    ) throws -> String? {
        var offset = 0
        for piece in pieces {
            check.take(piece.span, at: offset)
            offset += piece.count
        }
        return try check.finish(kind, length: offset, isCompressed: isCompressed).mistake
    }

    @Test(
        "expected frames are taken one after the other, as many as there may be",
        arguments: [0, 16, 125, 126, 5000, 70_000])
    func expected(size: Int) {
        let message = message(size)
        var check = AnswerCheck(message, nil, hasSendTime: false)
        let input = Array(repeatElement(message.answer, count: 7).joined()) + message.answer.dropLast()
        var position = 0
        #expect(check.takeExpected(input.span, from: &position, limit: 2) == 2)
        #expect(position == 2 * message.answer.count)
        #expect(check.takeExpected(input.span, from: &position, limit: 100) == 5)
        #expect(check.takeExpected(input.span, from: &position, limit: 100) == 0)
        #expect(check.count == 7)
    }

    @Test("a wrong byte is no expected frame: any in a small one, the first and the last in a large one")
    func wrongByte() {
        for (size, places) in [(16, Array(0..<18)), (5000, [0, 1, 2, 3, 4, 21, 5003 - 21, 5003])] {
            let message = message(size)
            var check = AnswerCheck(message, nil, hasSendTime: false)
            var position = 0
            let right = Array(repeatElement(message.answer, count: 10).joined())
            #expect(check.takeExpected(right.span, from: &position, limit: 10) == 10)
            for place in places {
                var wrong = message.answer
                wrong[place] ^= 1
                position = 0
                #expect(check.takeExpected(wrong.span, from: &position, limit: 1) == 0, "\(size), \(place)")
            }
        }
    }

    @Test("what comes in pieces is compared as well, and told in a sentence")
    func pieces() throws {
        let message = message(2000)
        let payload = message.payload
        var check = AnswerCheck(message, nil, hasSendTime: false)
        #expect(try mistake(&check, [Array(payload[..<7]), Array(payload[7...])]) == nil)
        #expect(try mistake(&check, [payload + [0]]) == "a message had 2001 bytes where 2000 were sent")
        #expect(try mistake(&check, []) == "a message had 0 bytes where 2000 were sent")
        #expect(try mistake(&check, [payload], .text) == "a message was text where binary was sent")
        for place in [0, 1999] {
            var wrong = payload
            wrong[place] ^= 1
            #expect(try mistake(&check, [wrong]) == "a message's bytes were not those that were sent")
        }
        #expect(try mistake(&check, [payload]) == nil)
    }

    @Test("a message says when it was sent")
    func sendTime() throws {
        let message = message(20, .text)
        var check = AnswerCheck(message, nil, hasSendTime: true)
        for moment in [Timestamp(nanoseconds: 0), Timestamp(nanoseconds: 0x0123_4567_89AB_CDEF)] {
            let payload = SendTime.digits(of: moment) + message.payload[16...]
            let (start, rest) = (Array(payload[..<5]), Array(payload[5...]))
            check.take(start.span, at: 0)
            check.take(rest.span, at: 5)
            let verdict = try check.finish(.text, length: 20, isCompressed: false)
            #expect(verdict.mistake == nil)
            #expect(verdict.sent == moment)
        }
        #expect(try mistake(&check, [message.payload], .text) == "a message's bytes were not those that were sent")
    }

    @Test("a compressed answer is restored once, and known again after that")
    func compressed() throws {
        let message = message(500, .text)
        let transform = PerMessageDeflate(
            sending: .init(contextTakeover: false), receiving: .init(contextTakeover: false))
        var content: [UInt8] = []
        transform.encode(message.payload.span, endsMessage: true, into: &content)
        var frame: [UInt8] = []
        FrameHeader(opcode: .text, rsv1: true, payloadLength: content.count).encode(into: &frame)
        frame += content
        var check = AnswerCheck(message, transform, hasSendTime: false)
        var position = 0
        #expect(check.takeExpected(frame.span, from: &position, limit: 1) == 0)
        #expect(try mistake(&check, [content], .text, isCompressed: true) == nil)
        #expect(check.takeExpected(frame.span, from: &position, limit: 1) == 1)
        #expect(try mistake(&check, [message.payload], .text) == nil)
        let bomb = [UInt8](repeating: 0, count: 100_000)
        #expect(
            try mistake(&check, [bomb], .text, isCompressed: true) == "a message had 100000 bytes where 500 were sent")
        #expect(throws: TransformFailure.self) {
            try mistake(&check, [[0xFF, 0xFF, 0xFF]], .text, isCompressed: true)
        }
    }

    @Test("frames are masked, in one burst, and are what they are by their kind")
    func frames() {
        let key = MaskingKey(0x0403_0201)
        let message = LoadMessage(.text, Array("hello".utf8), pipeline: 3, key: key)
        let frame: [UInt8] = [0x81, 0x85, 1, 2, 3, 4] + zip(Array("hello".utf8), [1, 2, 3, 4, 1]).map { $0 ^ $1 }
        var bytes: [UInt8] = []
        message.burst.withBytes { burst in for index in burst.indices { bytes.append(burst[index]) } }
        #expect(bytes == frame + frame + frame)
        #expect(message.frameSize == frame.count)
        #expect(message.framesInBurst == 3)
        #expect(message.answer == [0x81, 5] + Array("hello".utf8))
        #expect(LoadMessage(.binary, [UInt8](repeating: 0, count: 100_000), pipeline: 9).framesInBurst == 1)
    }

    @Test("payloads are of the size, differ by their number, and compress where they are text")
    func payloads() {
        for payload in LoadPlan.Payload.allCases {
            for size in [0, 1, 16, 1000] { #expect(message(size, payload).payload.count == size) }
            var plan = LoadPlan()
            plan.payload = payload
            let all = (0..<16).map { LoadMessage.payload(plan, variant: $0) }
            #expect(Set(all).count == 16)
        }
        #expect([0, 16, 8 << 20, 256 << 20].map { LoadMessage.variants(ofSize: $0) } == [16, 16, 8, 1])
        let text = message(10_000, .text)
        #expect(String(validating: text.payload, as: UTF8.self) != nil)
        let transform = PerMessageDeflate(
            sending: .init(contextTakeover: false), receiving: .init(contextTakeover: false))
        #expect(text.compressed(by: transform, pipeline: 1).frameSize < 5_000)
    }
}
