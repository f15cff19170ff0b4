// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
package import Testing

/// nginx, as a rule in front of a server and configured as the article "Behind nginx" says.
package struct Nginx {
    /// Where clients connect to.
    package let port: Int

    /// Whether it can run.
    package static let isThere = path != nil

    /// Why the tests with it are skipped.
    package static let skipped: Comment =
        "There is no nginx, so the tests with it are skipped; scripts/test installs it where it can."

    private static let path = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs nginx in front of a server while `body` runs.
    ///
    /// - Parameters:
    ///   - serverPort: the server's, on this machine.
    ///   - forgotten: what an administrator has forgotten: lines of the configuration that hold one of these are left out.
    package static func inFront<Result: Sendable>(
        of serverPort: Int, forgetting forgotten: [String] = [], _ body: (Nginx) async throws -> Result
    ) async throws -> Result {
        let article = try articleConfiguration()
        return try await running(
            {
                article.split(separator: "\n", omittingEmptySubsequences: false)
                    .filter { line in !forgotten.contains { line.contains($0) } }
                    .joined(separator: "\n")
                    .replacing("listen 80;", with: "listen 127.0.0.1:\($0);")
                    .replacing("server 127.0.0.1:8765;", with: "server 127.0.0.1:\(serverPort);")
            }, body)
    }

    /// Runs nginx while `body` runs.
    ///
    /// - Parameter configuration: what stands in the block `http`, for the port to listen on.
    package static func running<Result: Sendable>(
        _ configuration: (_ port: Int) -> String, _ body: (Nginx) async throws -> Result
    ) async throws -> Result {
        try await ConfiguredProgram.run(
            "nginx", configuration: { surrounded(configuration($0)) },
            command: { [path ?? "nginx", "-p", $0.path, "-e", "stderr", "-c", $1.path] },
            // It says which event method it uses once it listens.
            isReady: { $0.contains("event method") }
        ) { try await body(Nginx(port: $0)) }
    }

    /// What surrounds the block `http` in a real nginx.conf.
    private static func surrounded(_ configuration: String) -> String {
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log /dev/stdout notice;
            events {}
            http {
            access_log off;
            \(folders.map { "\($0)_temp_path \($0);" }.joined(separator: "\n"))
            \(configuration)
            }
            """
    }

    private static func articleConfiguration() throws -> Substring {
        let article = URL(fileURLWithPath: #filePath).appendingPathComponent(
            "../../../../Sources/AlicornWebSocket/Documentation.docc/BehindNginx.md"
        ).standardized
        let text = try String(contentsOf: article, encoding: .utf8)
        let start = try #require(text.range(of: "```nginx\n"))
        let end = try #require(text.range(of: "\n```\n", range: start.upperBound..<text.endIndex))
        return text[start.upperBound..<end.lowerBound]
    }
}
