// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornDeflate

struct WindowBitsTests {
    @Test("a window has 8 to 15 bits")
    func range() {
        #expect((0...30).compactMap { WindowBits(exactly: $0)?.rawValue } == Array(8...15))
        #expect(WindowBits(exactly: -8) == nil)
        #expect(WindowBits.smallest == 8)
        #expect(WindowBits.largest == 15)
    }

    @Test("windows are ordered by size")
    func order() {
        let twelve: WindowBits = 12
        #expect(twelve < 13)
        #expect(!(twelve < 12))
        #expect(min(twelve, 9) == 9)
    }

    @Test("zlib compresses with every window but the smallest")
    func fitness() {
        #expect(
            (8...15).compactMap(WindowBits.init(exactly:)).filter(\.isFitForCompression) == [9, 10, 11, 12, 13, 14, 15])
    }

    @Test("a literal out of range is a programming error")
    func literal() async {
        await #expect(processExitsWith: .failure) { _ = 16 as WindowBits }
    }
}
