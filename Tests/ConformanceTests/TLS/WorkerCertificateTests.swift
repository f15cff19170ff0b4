// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite(
    "The certificate of workers, as processes", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence),
    .timeLimit(.minutes(1)))
struct WorkerCertificateTests {
    @Test("SIGHUP replaces the workers, and new ones show the certificate that is in the files by then (P-34, U-MP-05)")
    func hangUp() async throws {
        let (first, second) = (try TestAuthority.first(), try TestAuthority.second())
        let files = try first.issue("IP:127.0.0.1")
        // Without their own look at the files, which has new connections see it, too; and with patience, as a successor that
        // is not ready in time ends the replacing.
        let server = try await ServingCommand.start(
            RunningCommand([
                "hello", "--port", "0", "--workers", "2", "--no-ssl-reload", "--timeout-worker-healthcheck", "50",
                "--ssl-certfile", files.certificate, "--ssl-keyfile", files.key,
            ]))
        let address = "wss://127.0.0.1:\(server.port)/"
        try await WebSocketClient.connect(to: address, configuration: TLSTests.trusting(first)) { old in
            try second.issue("IP:127.0.0.1").replace(files)
            for _ in 0..<2 { _ = try await server.command.complaintLine(containing: "Application startup complete.") }
            kill(server.command.identifier, SIGHUP)
            var (started, left) = (0, 0)
            while started < 2 || left < 2, let line = await server.command.nextErrorLine() {
                if line.contains("Application startup complete.") { started += 1 }
                if line.contains("Shutting down") { left += 1 }
            }
            for _ in 0..<4 {
                try await WebSocketClient.connect(to: address, configuration: TLSTests.trusting(second)) { _ in }
            }
            // It was with the old one, which says goodbye.
            await #expect(throws: WebSocketError.self) { while true { _ = try await old.receive() } }
        }
        #expect(await server.stop().end == .exited(0))
    }
}
