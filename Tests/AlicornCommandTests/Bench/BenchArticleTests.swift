// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

/// The article on load-testing shows commands and what they print.
@Suite("Load-testing a server, the article", .timeLimit(.minutes(2)))
struct BenchArticleTests {
    private static let article =
        (try? String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Sources/AlicornWebSocket/Documentation.docc/LoadTestingAServer.md"),
            encoding: .utf8)) ?? ""

    /// The arguments of each run that the article shows.
    private static let runs = article.split(separator: "\n").filter { $0.hasPrefix("$ alicorn bench ") }
        .map { $0.dropFirst("$ alicorn ".count).split(separator: " ").map(String.init) }

    @Test("there are some")
    func some() { #expect(Self.runs.count >= 4) }

    @Test("each of its commands does what it says", arguments: runs)
    func commands(arguments: [String]) async throws {
        let server = try RunningCommand("echo", "--port", "0")
        let address = try #require(await server.nextLine()?.split(separator: " ").last)
        let run = arguments.map { $0.replacingOccurrences(of: "ws://127.0.0.1:8765", with: address) }
        // The last of two options counts: the article's runs take longer than a test wants to.
        let command = try RunningCommand(run + ["--duration", "0.2", "--warm-up", "0"])
        var lines: [String] = []
        while let line = await command.nextLine() { lines.append(line) }
        #expect(await command.status() == 0, "\(command.complaint)")
        server.terminate()
        #expect(await server.status() == 0)
    }

    @Test("the table that it shows has the rows that there are")
    func table() {
        var report = LoadReport(LoadPlan())
        report.total.record(nanoseconds: 1000)
        let table = ReportTable(report: report, uri: "ws://127.0.0.1:8765/", hasColors: false).text
        for line in table.split(separator: "\n").dropFirst() {
            let name = line.dropFirst(2).prefix(14).trimmingCharacters(in: .whitespaces)
            guard name.first?.isLetter == true else { continue }
            #expect(Self.article.contains("\n  \(name) "), "\(name)")
        }
    }
}
