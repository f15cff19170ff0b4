// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("The process as the kernel tells it")
struct ProcessStatusTests {
    private static let numbers =
        "S 1 2 3 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 123456 99999744 2048 18446744073709551615 1 1 0 0\n"

    @Test("the program's name may hold anything", arguments: ["(alicorn)", "(a) S 1 2)", "(a b)", "())", "(\u{ff})"])
    func name(name: String) throws {
        let stat = try #require(ProcessStat([UInt8]("4711 \(name) \(Self.numbers)".utf8)))
        #expect(stat.cpu == 300)
        #expect(stat.start == 123_456)
        #expect(stat.resident == 2048)
    }

    @Test(
        "what is no such line gives nothing, and does not trap",
        arguments: ["", ")", "1 (a)", "1 (a) S 1 2 3", "1 (a) " + numbers.replacing("250", with: "-250"), "no line"])
    func malformed(line: String) {
        #expect(ProcessStat([UInt8](line.utf8)) == nil)
    }
}
