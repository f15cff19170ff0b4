// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import NIOCore
import Testing

@testable import AlicornWebSocket

@Suite("The memory of received messages")
struct LoopBuffersTests {
    private let loop = VirtualLoop()
    private var memory: LoopBuffers { .of(loop.connectionLoop) }

    /// Puts `input` into lent memory, and makes buffers of parts of it.
    private func lend(_ input: [UInt8], capacity: Int? = nil, parts: [Range<Int>]) -> [(
        buffer: ByteBuffer, isCopy: Bool
    )] {
        loop.perform {
            var made: [(ByteBuffer, Bool)] = []
            memory.lend(capacity ?? input.count) { lent in
                for (index, byte) in input.enumerated() { lent[index] = byte }
                for part in parts {
                    let source = UnsafeBufferPointer(rebasing: lent[part])
                    let buffer = memory.buffer(of: source.span)
                    let isCopy = buffer.withUnsafeReadableBytes {
                        $0.baseAddress != UnsafeRawPointer(source.baseAddress)
                    }
                    made.append((buffer, isCopy))
                }
            }
            return made
        }
    }

    private let input = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }

    @Test("what is much of the lent memory is a part of it, and stays when other input comes")
    func parts() {
        let first = lend(input, parts: [8..<20_000, 10_000..<20_000])
        let second = lend([UInt8](repeating: 9, count: 20_000), parts: [0..<20_000])
        #expect(first.map(\.isCopy) == [false, false])
        #expect(second.map(\.isCopy) == [false])
        #expect(Array(first[0].buffer.readableBytesView) == Array(input[8...]))
        #expect(Array(first[1].buffer.readableBytesView) == Array(input[10_000...]))
    }

    @Test("what is little of it is copied, and keeps none of it")
    func littleOfIt() {
        let made = lend(input, parts: [0..<100, 5..<6000, 7..<7])
        #expect(made.map(\.isCopy) == [true, true, true])
        #expect(made.map { Array($0.buffer.readableBytesView) } == [0..<100, 5..<6000, 7..<7].map { Array(input[$0]) })
    }

    @Test("bytes from elsewhere are copied, also when they are more than what is lent")
    func elsewhere() {
        loop.perform {
            memory.lend(4096) { _ in
                for bytes in [Array(input[..<4096]), input] {
                    #expect(Array(memory.buffer(of: bytes.span).readableBytesView) == bytes)
                }
            }
        }
    }

    @Test("memory is lent again when nobody has a part of it, and copied to by a message's owner who changes it")
    func again() {
        var message = lend(input, parts: [0..<20_000])[0].buffer
        message.setInteger(UInt8(255), at: 1)
        #expect(lend(input, parts: [0..<20_000])[0].buffer.getInteger(at: 1, as: UInt8.self) == 1)
        #expect(message.getInteger(at: 1, as: UInt8.self) == 255)
    }
}
