// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import ArgumentParser

/// What a client takes that looks at messages.
struct ReceivingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The longest message accepted; 0 for no limit.", valueName: "bytes"))
    var maxSize = 16 << 20

    func validate() throws {
        guard maxSize >= 0 else { throw ValidationError("--max-size must not be negative") }
    }

    func apply(to configuration: inout WebSocketClient.Configuration) {
        configuration.connection.limits.maximumMessageSize = maxSize == 0 ? nil : maxSize
    }
}
