// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Testing

/// The parsers of `prometheus_client` 0.26.0, in the Python that `$ALICORN_PYTHON` names, or `python3`.
enum PrometheusParser {
    /// What a parser has read.
    struct Family: Decodable {
        var name: String
        var type: String
        var help: String
        var unit: String
        var samples: [Sample]
    }

    struct Sample: Decodable {
        var name: String
        var labels: [String: String]
        /// As Python writes it.
        var value: String
    }

    static var isThere: Bool { absence == nil }

    /// Why the tests with the parsers are skipped.
    static var skipped: Comment { Comment(rawValue: absence ?? "") }

    /// Has what is written read by the parser of its format. What that does not understand fails the test, with its words.
    static func read(_ prometheus: PrometheusMetrics, accept: String?) throws -> [Family] {
        let (contentType, body) = prometheus.exposition(accept: accept)
        return try read(body, contentType)
    }

    /// The same with what a server has sent.
    static func read(_ body: [UInt8], _ contentType: String) throws -> [Family] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString).txt")
        try Data(body).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let module = contentType.hasPrefix("text/plain") ? "prometheus_client" : "prometheus_client.openmetrics"
        let (status, output) = try run(program, module, file.path)
        try #require(status == 0, "\(module) does not read this: \(String(decoding: output, as: UTF8.self))")
        return try JSONDecoder().decode([Family].self, from: output)
    }

    private static let program = """
        import importlib, json, sys
        parser = importlib.import_module(sys.argv[1] + ".parser")
        with open(sys.argv[2], encoding="utf-8", newline="") as file:
            text = file.read()
        print(json.dumps([
            {
                "name": family.name, "type": family.type, "help": family.documentation, "unit": family.unit or "",
                "samples": [{"name": s.name, "labels": s.labels, "value": str(float(s.value))} for s in family.samples],
            }
            for family in parser.text_string_to_metric_families(text)
        ]))
        """

    private static let absence: String? = {
        let found = try? run("import importlib.metadata as m; print(m.version('prometheus_client'))")
        let advice = "so the tests with Prometheus' parsers are skipped; scripts/test installs it."
        guard let found, found.status == 0 else {
            return "\(interpreter) with prometheus_client 0.26.0 is not there, \(advice)"
        }
        return found.output == Data("0.26.0\n".utf8)
            ? nil : "\(interpreter) has another prometheus_client than 0.26.0, \(advice)"
    }()

    private static var interpreter: String { ProcessInfo.processInfo.environment["ALICORN_PYTHON"] ?? "python3" }

    /// Runs a program to its end.
    private static func run(_ program: String, _ arguments: String...) throws -> (status: Int32, output: Data) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter, "-c", program] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, data)
    }
}
