// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ProtocolConfigurationTests {
    @Test("limits and times are on unless switched off (LIM-01, KA-01, CL-05)")
    func hasDefaults() {
        let configuration = ProtocolConfiguration()
        #expect(configuration.maximumMessageSize == 1_048_576)
        #expect(configuration.maximumFrameSize == nil)
        #expect(configuration.pingInterval == .seconds(20))
        #expect(configuration.pingTimeout == .seconds(20))
        #expect(configuration.closeTimeout == .seconds(10))
        #expect(configuration.deliveryGrace == .milliseconds(250))
    }
}
