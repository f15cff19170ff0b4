// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import Foundation
import Testing

/// nginx in front of a server, configured as the article "Behind nginx" says.
struct Nginx {
    /// Where clients connect to.
    let port: Int

    /// Whether it can run.
    static let isThere = path != nil

    /// Why the tests with it are skipped.
    static let skipped: Comment =
        "There is no nginx, so the tests with it are skipped; scripts/test installs it where it can."

    private static let path = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs nginx in front of a server while `body` runs.
    ///
    /// - Parameters:
    ///   - serverPort: the server's, on this machine.
    ///   - forgotten: what an administrator has forgotten: lines of the configuration that hold one of these are left out.
    static func inFront<Result: Sendable>(
        of serverPort: Int, forgetting forgotten: [String] = [], _ body: (Nginx) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Between letting go of a free port and nginx's taking it, somebody else may.
        for _ in 0..<5 {
            let port = try ScriptedListener().port
            let file = folder.appendingPathComponent("nginx.conf")
            try configuration(port: port, of: serverPort, forgetting: forgotten).write(
                to: file, atomically: true, encoding: .utf8)
            let command = [path ?? "nginx", "-p", folder.path, "-e", "stderr", "-c", file.path]
            let result = try await ForeignProgram.run(command) { program -> Result? in
                guard await hasStarted(program) else { return nil }
                return try await body(Nginx(port: port))
            }
            if let result { return result }
        }
        throw NotStarted(description: "nginx does not start")
    }

    /// It says which event method it uses once it listens.
    private static func hasStarted(_ program: ForeignProgram) async -> Bool {
        while true {
            let line = await program.readLine()
            if line.isEmpty { return false }
            if line.contains("event method") { return true }
        }
    }

    /// What surrounds the configuration of the article in a real nginx.conf, and the article's with ports of ours.
    private static func configuration(port: Int, of server: Int, forgetting forgotten: [String]) throws -> String {
        let printed = try articleConfiguration()
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in !forgotten.contains { line.contains($0) } }
            .joined(separator: "\n")
            .replacing("listen 80;", with: "listen 127.0.0.1:\(port);")
            .replacing("server 127.0.0.1:8765;", with: "server 127.0.0.1:\(server);")
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
            \(printed)
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
