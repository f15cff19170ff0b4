// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

@Suite("Levels of a server's log")
struct ServerLogTests {
    @Test("they are ordered as uvicorn orders them (U-C-30)")
    func order() {
        #expect(ServerLogLevel.allCases.sorted() == [.trace, .debug, .info, .warning, .error, .critical])
    }

    @Test(
        "a level is read from its name in any letter case, or from a number (U-C-30)",
        arguments: [
            ("critical", .critical), ("ERROR", .error), ("Warning", .warning), ("info", .info), ("debug", .debug),
            ("trace", .trace), ("5", .trace), ("20", .info), ("21", .warning), ("0", .trace), ("50", .critical),
            ("51", nil), ("warn", nil), ("", nil), ("1e1", nil), ("99999999999999999999", nil),
        ] as [(String, ServerLogLevel?)])
    func reading(text: String, expected: ServerLogLevel?) {
        #expect(ServerLogLevel(text) == expected)
    }
}
