// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol

/// A generator whose numbers are the same on every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension SeededGenerator {
    /// A payload that is random, repetitive, one byte over and over, or empty.
    mutating func payload(upTo length: Int) -> [UInt8] {
        let count = Int.random(in: 0...length, using: &self)
        switch Int.random(in: 0..<5, using: &self) {
        case 0: return []
        case 1: return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
        case 2: return Array(repeating: UInt8.random(in: .min ... .max, using: &self), count: count)
        default:
            let words = ["price", "symbol", "\"timestamp\":", "{", "}", "17", "bid", "ask", " "]
            var text = ""
            while text.utf8.count < count { text += words.randomElement(using: &self) ?? "" }
            return Array(text.utf8)
        }
    }

    /// The payload in one to `most` pieces, some of which may be empty.
    mutating func pieces(of payload: [UInt8], most: Int) -> [[UInt8]] {
        let cuts = (1..<Int.random(in: 1...most, using: &self) + 1).dropFirst()
            .map { _ in Int.random(in: 0...payload.count, using: &self) }.sorted()
        let bounds = [0] + cuts + [payload.count]
        return zip(bounds, bounds.dropFirst()).map { Array(payload[$0..<$1]) }
    }
}

extension MessageTransform {
    /// Encodes a message that is sent in these fragments.
    func encode(fragments: [[UInt8]]) -> [[UInt8]] {
        fragments.enumerated().map { index, fragment in
            var output: [UInt8] = []
            encode(fragment.span, endsMessage: index == fragments.count - 1, into: &output)
            return output
        }
    }

    /// Encodes a message that is sent as one frame.
    func encode(_ message: [UInt8]) -> [UInt8] { encode(fragments: [message])[0] }

    /// Decodes a message that arrives in these pieces, with at most `capacity` bytes per call.
    func decode(pieces: [[UInt8]], capacity: Int = .max) throws(TransformFailure) -> [UInt8] {
        var output: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            var position = 0
            var progress = DecodeProgress.hasMoreOutput
            while progress == .hasMoreOutput {
                progress = try decode(
                    piece.span, from: &position, endsMessage: isLast, into: &output, capacity: capacity)
            }
            precondition(position == piece.count && progress == (isLast ? .endOfMessage : .needsInput))
        }
        return output
    }

    /// Decodes a message that arrives as one frame.
    func decode(_ message: [UInt8]) throws(TransformFailure) -> [UInt8] { try decode(pieces: [message]) }
}

/// A transform whose two directions are alike, so that it can talk to itself.
func mirrored(
    _ bits: WindowBits = .largest, contextTakeover: Bool = true, settings: CompressionSettings = CompressionSettings()
) -> PerMessageDeflate {
    let direction = PerMessageDeflate.Direction(maxWindowBits: bits, contextTakeover: contextTakeover)
    return PerMessageDeflate(sending: direction, receiving: direction, settings: settings)
}
