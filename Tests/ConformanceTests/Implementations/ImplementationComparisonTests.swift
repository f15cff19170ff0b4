// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import EngineTesting
import Testing

/// `--ws alicorn` and `--ws nio` say the same of the same bytes: two codecs that have nothing in common check each other.
@Suite("Our codec and NIOWebSocket's", .onEachEngine, .timeLimit(.minutes(3)))
struct ImplementationComparisonTests {
    private let ours = ComparedServer(implementation: .alicorn)
    private let nio = ComparedServer(implementation: .nio)

    @Test("the application and the client see the same", arguments: ComparedConversation.table)
    func conversation(_ row: ComparedConversation) async throws {
        let input = row.frames.flatMap { $0.bytes(from: .client) }
        let expected = ComparedServer.Outcome(events: row.events, frames: row.answers)
        #expect(try await ours.outcome(of: input, endsBehind: row.endsBehind) == expected, "alicorn")
        #expect(try await nio.outcome(of: input, endsBehind: row.endsBehind) == expected, "nio")
    }

    @Test("what breaks a rule ends with the same code", arguments: HostileFrames.table.filter(\.hasSameCode))
    func hostile(_ row: HostileFrames) async throws {
        let (first, second) = try await (ours.outcome(of: row.input), nio.outcome(of: row.input))
        #expect(first.codes == second.codes)
        #expect(first.events.last?.hasPrefix("disconnect \(row.code)") == true, "\(first)")
        #expect(second.frames.last?.closeCode?.rawValue == row.code, "\(second)")
    }

    /// Where NIOWebSocket does something else, and why that is as good as can be.
    static let differences: [(rule: String, code: UInt16, why: String)] = [
        ("RFC 6455 §5.2: 125 in two bytes", 1006, "it takes any length that can be read, and waits for the payload"),
        ("RFC 6455 §5.2: 65535 in eight bytes", 1006, "the same"),
        ("RFC 6455 §5.2: the top bit of a length", 1009, "to it, that is one of the lengths that are too long"),
        ("RFC 6455 §5.2: a length of all ones", 1009, "the same"),
        ("RFC 6455 §5.5: a close frame of 2^63 - 1 bytes", 1009, "it looks for the limit before it looks at the kind"),
        ("RFC 6455 §8.1: the first bad byte is enough", 1006, "it gives out whole frames, whose rest it waits for"),
    ]

    @Test("what it does otherwise is known, and ends all the same", arguments: differences)
    func difference(_ rule: String, _ code: UInt16, _ why: String) async throws {
        let row = try #require(HostileFrames.table.first { $0.rule == rule })
        let outcome = try await nio.outcome(of: row.input, endsBehind: true)
        #expect(outcome.codes.events == ["disconnect \(code)"], "\(why)")
        #expect(outcome.frames.last?.closeCode?.rawValue == (code == 1006 ? nil : code))
        #expect(try await ours.outcome(of: row.input).events.last?.hasPrefix("disconnect \(row.code)") == true)
    }

    @Test("permessage-deflate is not accepted: NIOWebSocket has none (U-C-25)")
    func deflate() async throws {
        let frames: [ScriptedFrame] = [.text("plain"), .close(.normalClosure)]
        let outcome = try await nio.outcome(
            of: frames.flatMap { $0.bytes(from: .client) }, fields: HostileFrames.deflate)
        #expect(outcome == ComparedServer.Outcome(events: ["text plain", "disconnect 1000"], frames: frames))
    }

    @Test("random bytes end it, and harm neither", arguments: 0..<20)
    func random(seed: UInt64) async throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let bytes = (0..<256).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
        for server in [ours, nio] {
            let outcome = try await server.outcome(of: bytes, endsBehind: true)
            #expect(outcome.events.last?.hasPrefix("disconnect 1") == true, "\(outcome)")
        }
    }
}

extension HostileFrames {
    /// Whether NIOWebSocket is expected to find the same fault, by the same code, in what is sent without an extension.
    fileprivate var hasSameCode: Bool {
        fields.isEmpty && !ImplementationComparisonTests.differences.contains { $0.rule == rule }
    }
}
