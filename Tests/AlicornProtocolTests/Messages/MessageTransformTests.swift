// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct MessageTransformTests {
    /// Adds one to each byte, and leaves the rest to what is so unless defined otherwise.
    private final class Increment: MessageTransform {
        func isWorthTransforming(length: Int) -> Bool { true }
        func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
            for index in piece.indices { output.append(piece[index] &+ 1) }
        }
        func decode(
            _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
        ) throws(TransformFailure) -> DecodeProgress { .endOfMessage }
    }

    @Test("a failure says in its own words what was wrong")
    func describes() { #expect(TransformFailure("bad block").description == "bad block") }

    @Test("a transform that does not say so makes nothing that others could share")
    func standsAlone() {
        let transform = Increment()
        #expect(transform.standaloneForm(length: 3) == nil)
        var output: [UInt8] = []
        transform.encodeStandalone([1, 2].span, into: &output)
        #expect(output == [2, 3])
        transform.willSendStandalone()
    }
}
