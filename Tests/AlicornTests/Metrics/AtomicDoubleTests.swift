// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("Floating-point numbers that many threads change")
struct AtomicDoubleTests {
    @Test("a change that another comes between is made again, and neither is lost")
    func interference() {
        let number = AtomicDouble()
        number.set(1)
        var seen: [Double] = []
        number.update { value in
            seen.append(value)
            if seen.count == 1 { number.add(0.5) }
            return value + 2
        }
        #expect(number.value == 3.5)
        // A machine may fail an exchange for no reason, and so ask once more.
        #expect(seen.first == 1 && seen.last == 1.5)
    }
}
