// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
package import Testing

/// HAProxy.
package enum HAProxy {
    /// Whether it can run.
    package static let isThere = path != nil

    /// Why the tests with it are skipped.
    package static let skipped: Comment =
        "There is no HAProxy, so the tests with it are skipped; scripts/test installs it where it can."

    private static let path = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/opt/homebrew/sbin/haproxy"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs it while `body` runs.
    ///
    /// - Parameters:
    ///   - bind: what stands behind the address of the line `bind`, such as `ssl crt FILE`.
    ///   - lines: of the section `listen`, with the server behind it.
    package static func running<Result: Sendable>(
        bind: String = "", _ lines: String..., body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await ConfiguredProgram.run(
            "haproxy",
            configuration: { port in
                """
                global
                    log stdout format raw local0
                defaults
                    mode http
                    timeout connect 2s
                    timeout client 30s
                    timeout server 30s
                listen test
                    bind 127.0.0.1:\(port) \(bind)
                \(lines.map { "    \($0)" }.joined(separator: "\n"))

                """
            },
            // A worker ends when its master is gone.
            command: { ["sh", "-c", #"exec "$0" -W -f "$1" 2>&1"#, path ?? "haproxy", $1.path] },
            isReady: { $0.contains("Loading success") }, body)
    }
}
