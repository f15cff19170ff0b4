// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI

extension Router {
    /// Tells the hooks of the life of the server (A-LS).
    func live(_ scope: LifespanScope, _ receive: Receive, _ send: Send) async throws {
        _ = try await receive()
        do {
            var state = scope.state
            for hook in startHooks { try await hook(&state) }
            scope.state = state
        } catch {
            return try await send(.lifespanStartupFailed(message: Self.report(error)))
        }
        try await send(.lifespanStartupComplete(wantsGoodbye: !goodbyeHooks.isEmpty))
        while true {
            switch try await receive() {
            case .lifespanGoodbye(let time):
                for hook in goodbyeHooks { try await hook(scope.state, time) }
                try await send(.lifespanGoodbyeComplete)
            case .lifespanShutdown: return try await stop(scope.state, send)
            case .lifespanStartup, .httpRequest, .httpDisconnect, .webSocketConnect, .webSocketReceive,
                .webSocketDisconnect:
                continue
            }
        }
    }

    private func stop(_ state: ApplicationState, _ send: Send) async throws {
        var failures: [String] = []
        for hook in stopHooks.reversed() {
            do { try await hook(state) } catch { failures.append(Self.report(error)) }
        }
        guard failures.isEmpty else {
            return try await send(.lifespanShutdownFailed(message: failures.joined(separator: "\n")))
        }
        try await send(.lifespanShutdownComplete)
    }

    private static func report(_ error: any Error) -> String { "\(type(of: error)): \(error)" }
}
