// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if Lifecycle
public import ServiceLifecycle

extension WebSocketServer: Service {
    /// The same as ``run(listening:)``, as a service of a `ServiceGroup` whose graceful shutdown stops it.
    public func run() async throws { try await run { _ in } }
}
#endif
