// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import Testing

@testable import AlicornCommand

@Suite("Reading answers without putting them together")
struct AnswerReaderTests {
    private struct Outcome: Equatable {
        var events: [AnswerReader.Event] = []
        var payload: [UInt8] = []
        var violation: ProtocolViolation?
    }

    /// What is read of the bytes, cut at these places.
    private func read(_ bytes: [UInt8], cut: [Int] = [], allowsCompression: Bool = false) -> Outcome {
        var reader = AnswerReader(allowsCompression: allowsCompression)
        var outcome = Outcome()
        let ends = cut + [bytes.count]
        for (start, end) in zip([0] + cut, ends) {
            let piece = Array(bytes[start..<end])
            var position = 0
            do throws(ProtocolViolation) {
                while true {
                    var base = outcome.payload.count
                    let event = try reader.next(in: piece.span, from: &position) { part, offset in
                        base = offset
                        for index in part.indices { outcome.payload.append(part[index]) }
                    }
                    guard let event else { break }
                    outcome.events.append(event)
                    if base > outcome.payload.count { Issue.record("a piece beyond the message") }
                }
                #expect(position == piece.count)
            } catch {
                outcome.violation = error
                return outcome
            }
        }
        return outcome
    }

    private let conversation: [UInt8] =
        [
            ScriptedFrame.text("one"), .ping([1, 2]), ScriptedFrame(.binary, [1, 2, 3], isFinal: false), .pong(),
            ScriptedFrame(.continuation, [4], isFinal: false), ScriptedFrame(.continuation, []),
            .binary([UInt8](repeating: 7, count: 300)), .close(.normalClosure),
        ].flatMap { $0.bytes(from: .server) }

    @Test("messages, fragments and what comes between them; cut at every byte")
    func cut() {
        let whole = read(conversation)
        #expect(whole.violation == nil)
        #expect(
            whole.events == [
                .message(.text, length: 3, isCompressed: false), .control(.ping, [1, 2]), .control(.pong, []),
                .message(.binary, length: 4, isCompressed: false), .message(.binary, length: 300, isCompressed: false),
                .control(.close, [0x03, 0xE8]),
            ])
        #expect(whole.payload == Array("one".utf8) + [1, 2, 3, 4] + [UInt8](repeating: 7, count: 300))
        for place in 0...conversation.count { #expect(read(conversation, cut: [place]) == whole) }
        #expect(read(conversation, cut: Array(1..<conversation.count)) == whole)
    }

    @Test(
        "what a server must not send",
        arguments: [
            ([0x80, 0x01, 7], .unexpectedContinuation), ([0x01, 0x00, 0x82, 0x00], .expectedContinuation),
            ([0x82, 0x80], .maskedFrame), ([0xC2, 0x00], .reservedBits(4)), ([0x83, 0x00], .reservedOpcode(3)),
            ([0x89, 0x7E], .controlFrameTooLong), ([0x09, 0x00], .fragmentedControlFrame),
            ([0x82, 0x7E, 0x00, 0x01], .nonMinimalLength),
            ([0x82, 0x7F, 0xFF, 0, 0, 0, 0, 0, 0, 0], .lengthTooLarge),
        ] as [([UInt8], ProtocolViolation)])
    func violations(bytes: [UInt8], violation: ProtocolViolation) {
        #expect(read(bytes).violation == violation)
        #expect(read(bytes, cut: Array(1..<bytes.count)).violation == violation)
    }

    @Test("compressed messages are told, where that is agreed on")
    func compressed() {
        let read = read([0xC1, 0x01, 0x00, 0x82, 0x00], allowsCompression: true)
        #expect(
            read.events == [
                .message(.text, length: 1, isCompressed: true), .message(.binary, length: 0, isCompressed: false),
            ])
        #expect(self.read([0x41, 0x00, 0xC0, 0x00], allowsCompression: true).violation == .compressedContinuation)
    }

    @Test("it knows when nothing has begun")
    func between() throws {
        var reader = AnswerReader()
        for (bytes, isBetween) in [([], true), ([0x02], false), ([0x01, 7], false), ([0x80], false), ([0x00], true)]
            as [([UInt8], Bool)]
        {
            var position = 0
            while try reader.next(in: bytes.span, from: &position, take: { _, _ in }) != nil {}
            #expect(reader.isBetweenMessages == isBetween)
        }
    }
}
