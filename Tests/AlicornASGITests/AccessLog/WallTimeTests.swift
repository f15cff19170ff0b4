// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

@Suite("The time in a log")
struct WallTimeTests {
    static let times: [(WallTime, rfc3339: String, commonLogFormat: String)] = [
        (WallTime(unixSeconds: 0), "1970-01-01T00:00:00.000Z", "[01/Jan/1970:00:00:00 +0000]"),
        (
            WallTime(unixSeconds: 784_111_777, milliseconds: 7), "1994-11-06T08:49:37.007Z",
            "[06/Nov/1994:08:49:37 +0000]"
        ),
        (
            WallTime(unixSeconds: 1_709_251_199, milliseconds: 999), "2024-02-29T23:59:59.999Z",
            "[29/Feb/2024:23:59:59 +0000]"
        ),
    ]

    @Test("it is UTC, as RFC 3339 and as the Common Log Format have it", arguments: times)
    func forms(time: WallTime, rfc3339: String, commonLogFormat: String) {
        var line = LogLine()
        line.append(rfc3339: time)
        line.append(" ")
        line.append(commonLogFormat: time)
        #expect(String(decoding: line.bytes, as: UTF8.self) == "\(rfc3339) \(commonLogFormat)")
    }

    @Test("the time now is after this was written, and has milliseconds")
    func now() {
        let now = WallTime.now
        #expect(now.unixSeconds > 1_760_000_000)
        #expect((0..<1000).contains(now.milliseconds))
    }
}
