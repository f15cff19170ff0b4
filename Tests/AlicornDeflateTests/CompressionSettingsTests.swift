// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import Testing

struct CompressionSettingsTests {
    @Test("unless told, level is 6, memory level 5 and the threshold 64 bytes")
    func defaults() {
        let settings = CompressionSettings()
        #expect(settings.level == 6)
        #expect(settings.memoryLevel == 5)
        #expect(settings.threshold == 64)
    }

    @Test("a value out of range is a programming error")
    func misuse() async {
        await #expect(processExitsWith: .failure) { _ = CompressionSettings(level: 10) }
        await #expect(processExitsWith: .failure) { _ = CompressionSettings(memoryLevel: 0) }
        await #expect(processExitsWith: .failure) { _ = CompressionSettings(threshold: -1) }
    }
}
