// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import Alicorn

@Suite("What a server is made of")
struct ServerPartsTests {
    @Test("a limit on requests is put off by chance, by at most the jitter, once for each process (U-LM-04)")
    func jitter() throws {
        var settings = ServerSettings()
        settings.limits.requests = 5
        settings.limits.requestsJitter = 3
        // That one of the four does not come in 200 draws has odds of one to 10^24.
        let limits = try (0..<200).map { _ in
            let parts = try ServerParts(settings)
            #expect(parts.requestLimit == parts.makeConfiguration(log: ConsoleLog(settings.logging)).requestLimit)
            return parts.requestLimit
        }
        #expect(Set(limits) == [5, 6, 7, 8])
        settings.limits.requestsJitter = 0
        #expect(try ServerParts(settings).requestLimit == 5)
        settings.limits.requests = nil
        #expect(try ServerParts(settings).requestLimit == nil)
    }
}
