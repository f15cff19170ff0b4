// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CZlib
import Testing

@testable import AlicornDeflate

struct ZlibContextTests {
    static let deflating = ZlibContext.Kind.deflating(windowBits: 12, level: 6, memoryLevel: 5)
    static let inflating = ZlibContext.Kind.inflating(windowBits: 12)

    /// Everything that zlib makes of `input`, with a sync flush.
    static func run(_ context: ZlibContext, _ input: [UInt8]) -> (status: Int32, output: [UInt8]) {
        var output = [UInt8](repeating: 0, count: 20_000)
        var status = Z_OK
        let count = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                let stream = context.stream
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = uInt(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = uInt(output.count)
                switch context.kind {
                case .deflating: status = deflate(stream, Z_SYNC_FLUSH)
                case .inflating: status = inflate(stream, Z_SYNC_FLUSH)
                }
                return output.count - Int(stream.pointee.avail_out)
            }
        }
        return (status, Array(output[..<count]))
    }

    @Test("what goes through a context that was reset becomes the same as in a new one")
    func resets() {
        var generator = SeededGenerator(state: 21)
        let (deflating, inflating) = (ZlibContext(Self.deflating), ZlibContext(Self.inflating))
        for _ in 0..<100 {
            let payload = generator.payload(upTo: 9_000)
            let compressed = Self.run(deflating, payload)
            #expect(compressed.output == Self.run(ZlibContext(Self.deflating), payload).output)
            #expect(Self.run(inflating, compressed.output).output == payload)
            deflating.reset()
            inflating.reset()
        }
    }

    @Test("nothing is left of the messages before: a reference to them is corrupt")
    func forgets() {
        let text = Array("a text that is long enough to be worth referring to".utf8)
        let deflating = ZlibContext(Self.deflating)
        let first = Self.run(deflating, text).output
        let second = Self.run(deflating, text).output
        let inflating = ZlibContext(Self.inflating)
        #expect(Self.run(inflating, first).output == text)
        inflating.reset()
        #expect(Self.run(inflating, second).status == Z_DATA_ERROR)
        inflating.reset()
        #expect(Self.run(inflating, first).output == text)
    }
}
