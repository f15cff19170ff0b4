// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// A message as it goes out and as it comes back, made once for all that are sent.
///
/// All its frames have the same masking key. RFC 6455 §5.3 wants a new one for each frame, so that whoever chooses the payload
/// cannot choose the bytes on the wire, and so talk to a proxy that takes them for HTTP. Here payload and wire are
/// both ours.
struct LoadMessage: Sendable {
    let kind: MessageKind
    /// What the server is to see.
    let payload: [UInt8]
    /// Frames one behind the other, for one write.
    let burst: OwnedBytes
    let framesInBurst: Int
    /// The bytes of one of them.
    let frameSize: Int
    /// The frame that comes back, when the server fragments and compresses nothing.
    let answer: [UInt8]

    /// A burst is not made longer than this for more than one frame.
    private static let burstLimit = 64 * 1024

    /// - Parameters:
    ///   - wirePayload: what stands in the frame, where that is something else than the payload: compressed.
    ///   - pipeline: how many frames may go out at once.
    init(
        _ kind: MessageKind, _ payload: [UInt8], compressed wirePayload: [UInt8]? = nil, pipeline: Int,
        key: MaskingKey = .init(.random(in: .min ... .max))
    ) {
        self.kind = kind
        self.payload = payload
        let opcode = kind.opcode
        let content = wirePayload ?? payload
        var frame: [UInt8] = []
        FrameHeader(opcode: opcode, rsv1: wirePayload != nil, payloadLength: content.count, maskingKey: key)
            .encode(into: &frame)
        let start = frame.count
        frame += content
        var span = frame.mutableSpan
        key.apply(to: &span, in: start..<span.count)
        frameSize = frame.count
        framesInBurst = max(1, min(pipeline, Self.burstLimit / frame.count))
        burst = OwnedBytes(Array(repeatElement(frame, count: framesInBurst).joined()))
        var answer: [UInt8] = []
        FrameHeader(opcode: opcode, payloadLength: payload.count).encode(into: &answer)
        self.answer = answer + payload
    }
}

extension LoadMessage {
    /// The same message, with what `transform` makes of it in its frames.
    func compressed(by transform: any MessageTransform, pipeline: Int) -> Self {
        var content: [UInt8] = []
        transform.encode(payload.span, endsMessage: true, into: &content)
        return Self(kind, payload, compressed: content, pipeline: pipeline)
    }

    /// How many different messages a run has: an answer that belongs to another connection is hardly ever taken for the right
    /// one. Of large ones there are fewer, for the memory.
    static func variants(ofSize size: Int) -> Int { max(1, min(16, (64 << 20) / max(1, size))) }

    /// A payload that looks like random bytes, or, for text, like what services send: it compresses to a third or so.
    static func payload(_ plan: LoadPlan, variant: Int) -> [UInt8] {
        var generator = Noise(state: UInt64(variant) &+ 1)
        guard plan.payload == .text || plan.isCompressed else {
            return (0..<plan.size).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
        }
        var text: [UInt8] = []
        while text.count < plan.size {
            let number = generator.next()
            let side = number & 1 == 0 ? "buy" : "sell"
            text += Array(#"{"id":\#(number >> 44),"side":"\#(side)","price":\#(number >> 20 & 0xFFFF)},"#.utf8)
        }
        return Array(text.prefix(plan.size))
    }

    /// The same numbers in each run (splitmix64).
    private struct Noise: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var number = state
            number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
            return number ^ (number >> 31)
        }
    }
}
