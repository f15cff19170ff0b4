// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

// Compressed messages through the inflater, with bounded output: never more than the capacity, and the same in any cut.
// The bytes are taken for plain text, too, which has to survive being compressed.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let outcome = inflate(input, cut: .none, capacity: Limit.message)
    for cut in input.cuts {
        let other = inflate(input, cut: cut, capacity: 16 + Int(input.options.1) * 16)
        // Of corrupt data one cut may show more than another, but not other bytes. And zlib lets a distance reach beyond a
        // small window as far as the output of one call goes: what such data is depends on the cuts.
        check(
            other.failure == outcome.failure || direction(input).maxWindowBits < .largest,
            "what is corrupt does not depend on the cuts")
        let (one, two) = (outcome.restored, other.restored)
        check(
            one == two || (outcome.failure || other.failure) && (one.starts(with: two) || two.starts(with: one)),
            "what is restored does not depend on the cuts")
    }
    checkRoundTrip(input)
}

enum Limit {
    /// What a message is let grow to. Globals of this file would never be initialised, as `fuzz` does not return.
    static let message = 1 << 17
}

struct Outcome {
    var restored: [UInt8] = []
    var failure = false
}

/// The payload twice, as two messages: the second finds the window of the first.
func inflate(_ input: FuzzInput, cut: Cut, capacity: Int) -> Outcome {
    let transform = PerMessageDeflate(sending: .init(), receiving: direction(input))
    var outcome = Outcome()
    let pieces = cut.pieces(of: input.payload.count)
    for _ in 0..<2 {
        let start = outcome.restored.count
        for (index, piece) in (pieces.isEmpty ? [0..<0] : pieces).enumerated() {
            let arrived = Array(input.payload[piece])
            let isLast = index >= pieces.count - 1
            do {
                let message = outcome.restored.count - start
                let rest = try restore(
                    arrived, isLast: isLast, transform, into: &outcome.restored, capacity: capacity,
                    remaining: Limit.message - message)
                guard rest else { return outcome }
            } catch {
                outcome.failure = true
                return outcome
            }
        }
    }
    return outcome
}

/// - Returns: whether the message stays within its limit.
func restore(
    _ bytes: [UInt8], isLast: Bool, _ transform: PerMessageDeflate, into restored: inout [UInt8], capacity: Int,
    remaining: Int
) throws(TransformFailure) -> Bool {
    var (position, remaining) = (0, remaining)
    while true {
        let room = min(capacity, remaining)
        let before = restored.count
        let progress = try transform.decode(
            bytes.span, from: &position, endsMessage: isLast, into: &restored, capacity: room)
        let count = restored.count - before
        check(count <= room, "no more is restored than there is room for")
        check(position <= bytes.count, "no more is taken than there is")
        remaining -= count
        switch progress {
        case .hasMoreOutput:
            check(count == room, "who has more to say has used the room")
            if remaining == 0 { return false }
        case .needsInput:
            check(position == bytes.count && !isLast, "who needs input has taken all of it")
            return true
        case .endOfMessage:
            check(position == bytes.count && isLast, "a message ends at its end")
            return true
        }
    }
}

func direction(_ input: FuzzInput) -> PerMessageDeflate.Direction {
    .init(
        maxWindowBits: WindowBits(exactly: 8 + Int(input.options.0 & 7)) ?? .largest,
        contextTakeover: input.options.0 & 8 == 0)
}

/// Compresses the payload in pieces, twice, and restores it in one.
func checkRoundTrip(_ input: FuzzInput) {
    let agreed = PerMessageDeflate.Direction(
        maxWindowBits: max(direction(input).maxWindowBits, 9), contextTakeover: direction(input).contextTakeover)
    let settings = CompressionSettings(level: Int(input.options.1 % 10), memoryLevel: 1 + Int(input.options.0 >> 4) % 9)
    let sender = PerMessageDeflate(sending: agreed, receiving: .init(), settings: settings)
    let receiver = PerMessageDeflate(sending: .init(), receiving: agreed)
    let pieces = Cut.script(input.script).pieces(of: input.payload.count)
    for _ in 0..<2 {
        var (compressed, restored, position): ([UInt8], [UInt8], Int) = ([], [], 0)
        for (index, piece) in (pieces.isEmpty ? [0..<0] : pieces).enumerated() {
            sender.encode(
                Array(input.payload[piece]).span, endsMessage: index >= pieces.count - 1, into: &compressed)
        }
        check(
            compressed.count <= input.payload.count + input.payload.count / 8 + 16 * (pieces.count + 1),
            "compressing grows a message by little")
        let progress = try? receiver.decode(
            compressed.span, from: &position, endsMessage: true, into: &restored, capacity: input.payload.count)
        check(progress == .endOfMessage && restored == input.payload, "what is compressed can be restored")
    }
}
