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
}
