// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("WebSocketProtocol: frames that are shared")
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
        let first = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        #expect(first == .nothingBefore)
        let hasOutput = core.hasOutput
        #expect(!hasOutput)
        try core.pong([7])
        let second = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        #expect(second == .taken)
        var output: [UInt8] = []
        _ = core.takeOutput(into: &output)
        #expect(output == [0x8A, 1, 7] + frame)
    }

    @Test("a client masks, so it needs a frame of its own (RFC 6455 §5.1)")
    func client() throws {
        var core = make(.client)
        let outcome = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
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
        let outcome = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        #expect(outcome == .unsuitable)
    }

    /// Doubles each byte if it refers to nothing before, and notes when its messages must not any more.
    private final class Doubling: MessageTransform {
        var notices = 0
        func isWorthTransforming(length: Int) -> Bool { length > 1 }
        func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {}
        func standaloneForm(length: Int) -> UInt32? { UInt32(length) }
        func encodeStandalone(_ message: Span<UInt8>, into output: inout [UInt8]) {
            for index in message.indices { output += [message[index], message[index]] }
        }
        func willSendStandalone() { notices += 1 }
        func decode(
            _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
        ) throws(TransformFailure) -> DecodeProgress { .endOfMessage }
    }

    @Test("a transformed frame is made once for all of its form, and each connection hears that it goes out (BRD-04)")
    func standalone() throws {
        let transform = Doubling()
        var core = make(.server, transform: transform)
        let plain = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        #expect(plain == .unsuitable)
        let form = core.standaloneForm(length: 2)
        #expect(form == 2)
        let made = core.standaloneFrame([0x48, 0x69].span, as: .text)
        #expect(made == [0xC1, 4, 0x48, 0x48, 0x69, 0x69])
        #expect(transform.notices == 0)
        let first = core.shareStandalone(made.span)
        #expect(first == .nothingBefore)
        try core.pong([])
        let second = core.shareStandalone(made.span)
        #expect(second == .taken)
        #expect(transform.notices == 2)
        var output: [UInt8] = []
        _ = core.takeOutput(into: &output)
        #expect(output == [0x8A, 0] + made)
    }

    @Test("what is not to be transformed is shared as it is, though an extension could", arguments: [1, 2])
    func untransformed(length: Int) throws {
        var core = make(.server, transform: Doubling())
        let choice: CompressionChoice = length == 1 ? .automatic : .never
        let outcome = try core.share(frame.span, payloadLength: length, as: .text, compression: choice)
        #expect(outcome == .nothingBefore)
    }

    @Test("a client, a connection that fragments and one without an extension have no form to share")
    func noForm() {
        let forms = [
            make(.client, transform: Doubling()).standaloneForm(length: 2), make(.server).standaloneForm(length: 2),
            make(.server, transform: Eager()).standaloneForm(length: 2),
        ]
        #expect(forms == [nil, nil, nil])
        var configuration = ProtocolConfiguration()
        configuration.fragmentSize = 1000
        let core = WebSocketProtocol(
            role: .server, configuration: configuration, transform: Doubling(), now: Timestamp(nanoseconds: 0),
            randomWord: { 0 })
        let form = core.standaloneForm(length: 2)
        #expect(form == nil)
    }

    @Test("no shared frame goes into a message in fragments, or behind a close frame (RFC 6455 §5.4, §5.5.1)")
    func misuse() throws {
        var core = make(.server)
        try core.beginMessage(.binary)
        #expect(throws: ProtocolMisuse.messageInProgress) {
            _ = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        }
        try core.sendFragment([1].span, endsMessage: true)
        try core.close(CloseFrame(.normalClosure), now: Timestamp(nanoseconds: 0))
        #expect(throws: ProtocolMisuse.closing) {
            _ = try core.share(frame.span, payloadLength: 2, as: .text, compression: .automatic)
        }
    }
}
