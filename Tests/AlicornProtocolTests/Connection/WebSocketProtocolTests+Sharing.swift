// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("WebSocketProtocol: frames that are shared, memory that is lent")
struct WebSocketProtocolSharingTests {
    private let frame: [UInt8] = [0x81, 2, 0x48, 0x69]

    private func make(_ role: Role, transform: (any MessageTransform)? = nil) -> WebSocketProtocol {
        WebSocketProtocol(
            role: role, configuration: ProtocolConfiguration(), transform: transform, now: Timestamp(nanoseconds: 0),
            randomWord: { 0 })
    }

    @Test("a frame that nothing is before is the caller's to write; behind other output it is taken in order")
    func server() throws {
        var core = make(.server)
        let first = try core.share(frame.span, payloadLength: 2, as: .text)
        #expect(first == .nothingBefore)
        let hasOutput = core.hasOutput
        #expect(!hasOutput)
        try core.pong([7])
        let second = try core.share(frame.span, payloadLength: 2, as: .text)
        #expect(second == .taken)
        var output: [UInt8] = []
        _ = core.takeOutput(into: &output)
        #expect(output == [0x8A, 1, 7] + frame)
    }

    @Test("a client masks, so it needs a frame of its own (RFC 6455 §5.1)")
    func client() throws {
        var core = make(.client)
        let outcome = try core.share(frame.span, payloadLength: 2, as: .text)
        #expect(outcome == .unsuitable)
    }

    /// Wants to transform everything.
    private final class Eager: MessageTransform {
        func isWorthTransforming(length: Int) -> Bool { true }
        func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {}
        func decode(
            _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
        ) throws(TransformFailure) -> DecodeProgress { .endOfMessage }
    }

    @Test("a connection that would transform the message needs a frame of its own")
    func transform() throws {
        var core = make(.server, transform: Eager())
        let outcome = try core.share(frame.span, payloadLength: 2, as: .text)
        #expect(outcome == .unsuitable)
    }

    @Test("no shared frame goes into a message in fragments, or behind a close frame (RFC 6455 §5.4, §5.5.1)")
    func misuse() throws {
        var core = make(.server)
        try core.beginMessage(.binary)
        #expect(throws: ProtocolMisuse.messageInProgress) {
            _ = try core.share(frame.span, payloadLength: 2, as: .text)
        }
        try core.sendFragment([1].span, endsMessage: true)
        try core.close(CloseFrame(.normalClosure), now: Timestamp(nanoseconds: 0))
        #expect(throws: ProtocolMisuse.closing) { _ = try core.share(frame.span, payloadLength: 2, as: .text) }
    }

    @Test("memory is adopted for output when there is none, and left alone when there is")
    func adoption() throws {
        var core = make(.server)
        var spare: [UInt8] = []
        spare.reserveCapacity(1000)
        core.adoptOutputBuffer(&spare)
        #expect(spare.capacity == 0)
        try core.pong([])
        var other: [UInt8] = []
        other.reserveCapacity(2000)
        core.adoptOutputBuffer(&other)
        #expect(other.capacity >= 2000)
        var output: [UInt8] = []
        _ = core.takeOutput(into: &output)
        #expect(output == [0x8A, 0])
        #expect(output.capacity >= 1000)
    }
}
