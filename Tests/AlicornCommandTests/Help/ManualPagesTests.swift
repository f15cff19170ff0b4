// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

@Suite(
    "The manual pages", .enabled(if: PythonScript.canRun, "There is no python3, which makes them."),
    .timeLimit(.minutes(2)))
struct ManualPagesTests {
    /// Makes the pages.
    private func withPages(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (status, report) = try await PythonScript.run("manual", "--folder", folder.path, "--date", "86400")
        #expect(status == 0, "\(report)")
        try await body(folder)
    }

    @Test("each command has one, with all its options and its exit statuses, and the program's names them all")
    func contents() async throws {
        try await withPages { folder in
            let overview = try String(contentsOf: folder.appendingPathComponent("alicorn.1"), encoding: .utf8)
            #expect(overview.hasPrefix(".Dd January 2, 1970\n.Dt ALICORN 1\n"))
            for command in CommandHelp.all {
                #expect(overview.contains("\n.It Cm \(command.name)"), "\(command.name)")
                let file = folder.appendingPathComponent("alicorn-\(command.name).1")
                let page = try String(contentsOf: file, encoding: .utf8).replacing("\\-", with: "-")
                for option in command.options {
                    #expect(page.contains(try Regex("Fl \(option.dropFirst())( |\n)")), "\(command.name) \(option)")
                }
                #expect(page.contains("\n.Sh EXIT STATUS\nThe exit status is 0 "), "\(command.name)")
                #expect(page.contains("2 for wrong options"), "\(command.name)")
            }
        }
    }

    @Test(
        "groff and mandoc have nothing to say against them",
        arguments: [
            ("groff", ["-ww", "-mdoc", "-Kutf8", "-Tutf8", "-z"]), ("mandoc", ["-Tlint", "-Wwarning"]),
        ])
    func form(checker: String, options: [String]) async throws {
        guard let program = Program(checker) else { return }
        try await withPages { folder in
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(files.count == CommandHelp.all.count + 1)
            let (status, report) = try await program.run(options + files.map { "\(folder.path)/\($0)" })
            // mandoc looks for the others where pages are installed.
            let complaints = report.split(separator: "\n").filter { !$0.contains("cross reference") }
            #expect(complaints == [] && (status == 0 || checker == "mandoc"), "\(report)")
        }
    }
}
