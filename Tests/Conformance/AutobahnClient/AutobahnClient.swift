// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornWebSocket

/// Runs all cases of Autobahn's fuzzing server through ``WebSocketClient``: `autobahn-client ws://127.0.0.1:9001`.
@main
enum AutobahnClient {
    private static let agent = "Alicorn"

    static func main() async throws {
        let server = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:9001"
        let count = try await WebSocketClient.connect(to: "\(server)/getCaseCount") { connection in
            Int(try await connection.receive().text) ?? 0
        }
        for number in 1...max(1, count) {
            await run("\(server)/runCase?case=\(number)&agent=\(agent)")
        }
        try await WebSocketClient.connect(to: "\(server)/updateReports?agent=\(agent)") { connection in
            for try await _ in connection {}
        }
    }

    /// Echoes until the case is over; that it may end with a violation is what many cases are about.
    private static func run(_ address: String) async {
        var configuration = WebSocketClient.Configuration()
        configuration.connection.limits.maximumMessageSize = 32 << 20
        configuration.deflate = ClientPerMessageDeflate(settings: CompressionSettings(threshold: 0))
        do {
            try await WebSocketClient.connect(to: address, configuration: configuration) { connection in
                for try await message in connection { try await connection.send(message) }
            }
        } catch let error as WebSocketError where error.code == .closed {
            return
        } catch {
            print("\(address): \(error)")
        }
    }
}
