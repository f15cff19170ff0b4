// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornDeflate

struct ContextPoolTests {
    static func inflating(_ windowBits: Int32) -> ZlibContext.Kind { .inflating(windowBits: windowBits) }

    @Test("a context that was given back is taken again, by who asks for its kind, and by one only")
    func reuses() {
        let pool = ContextPool(limit: 4)
        let context = pool.take(Self.inflating(9))
        #expect(pool.count == 0)
        pool.giveBack(context)
        #expect(pool.count == 1)
        #expect(pool.take(Self.inflating(10)) !== context)
        #expect(pool.take(.deflating(windowBits: 9, level: 6, memoryLevel: 5)) !== context)
        #expect(pool.take(Self.inflating(9)) === context)
        #expect(pool.take(Self.inflating(9)) !== context)
        #expect(pool.count == 0)
    }

    @Test("the last that was given back comes first")
    func ordersByUse() {
        let pool = ContextPool(limit: 4)
        let contexts = (0..<3).map { _ in pool.take(Self.inflating(9)) }
        contexts.forEach(pool.giveBack)
        for context in contexts.reversed() { #expect(pool.take(Self.inflating(9)) === context) }
    }

    @Test("S18: no more than the limit are kept; the one that was kept longest is freed")
    func isBounded() {
        let pool = ContextPool(limit: 2)
        pool.giveBack(ZlibContext(Self.inflating(9)))
        for bits: Int32 in 10...15 {
            pool.giveBack(ZlibContext(Self.inflating(bits)))
            #expect(pool.count == 2)
        }
        weak var oldest: ZlibContext?
        do {
            let context = pool.take(Self.inflating(14))
            oldest = context
            pool.giveBack(context)
        }
        pool.giveBack(ZlibContext(Self.inflating(9)))
        #expect(oldest != nil)
        pool.giveBack(ZlibContext(Self.inflating(9)))
        #expect(oldest == nil)
    }

    @Test("many connections at a time get their own messages, and leave no more than the limit behind")
    func isShared() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in 0..<40 {
                group.addTask {
                    var generator = SeededGenerator(state: UInt64(connection))
                    let transform = mirrored(connection.isMultiple(of: 2) ? 9 : 12, contextTakeover: false)
                    for _ in 0..<20 {
                        let payload = generator.payload(upTo: 3_000)
                        let fragments = transform.encode(fragments: generator.pieces(of: payload, most: 3))
                        await Task.yield()
                        let decoded = try transform.decode(pieces: fragments)
                        #expect(decoded == payload)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(ContextPool.deflating.count <= 16 && ContextPool.inflating.count <= 16)
    }
}
