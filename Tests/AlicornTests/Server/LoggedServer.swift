// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

@testable import Alicorn
@testable import AlicornCommand

/// `hello` on a free port of this machine, on the engine under test.
struct LoggedServer: Sendable {
    let port: Int

    /// Serves while `body` runs, and has stopped when `afterwards` looks at the log.
    ///
    /// - Parameter options: as on the command line, without dashes.
    static func serve<Result: Sendable>(
        options: [String: [String]] = [:], _ body: @escaping @Sendable (LoggedServer) async throws -> Result,
        afterwards: (Result, AccessLines) throws -> Void
    ) async throws -> Result {
        let standard = ["port": ["0"], "engine": [EngineUnderTest.name], "threads": ["1"]]
        let settings = try ServerSettings(commandLine: standard.merging(options) { $1 }, environment: [:])
        let (output, errors) = (try TemporaryFile("", format: "log"), try TemporaryFile("", format: "log"))
        let (outputFile, errorFile) = (try output.forWriting(), try errors.forWriting())
        let log = ConsoleLog(
            ConsoleLog.Settings(), output: LogOutput(descriptor: outputFile.fileDescriptor),
            errors: LogOutput(descriptor: errorFile.fileDescriptor))
        let server = Server(HelloApplication(), settings: settings, log: log, sockets: nil)
        let (addresses, note) = AsyncStream.makeStream(of: String.self)
        async let end: Void = {
            defer { note.finish() }
            try await server.run { note.yield($0[0]) }
        }()
        let address = await addresses.first { _ in true } ?? ""
        let result: Result
        do {
            defer { server.stop() }
            let port = try #require(Int(address.split(separator: ":").last ?? ""), "it does not listen: \(address)")
            result = try await body(LoggedServer(port: port))
        }
        try await end
        try afterwards(result, AccessLines(try String(contentsOfFile: output.path, encoding: .utf8)))
        withExtendedLifetime((outputFile, errorFile)) {}
        return result
    }
}

/// The lines of an access log.
struct AccessLines {
    private var requests: [Int: [String]] = [:]

    init(_ text: String) {
        let request = /INFO:     127\.0\.0\.1:(\d+) - "(.*)" (.*)/
        for line in text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: request), let port = Int(match.1), !match.2.contains("/probe") else {
                continue
            }
            // The server's own words on handshakes are no requests.
            if match.2.hasPrefix("WebSocket"), match.3 != "[accepted]" { continue }
            requests[port, default: []].append(String(match.2))
        }
    }

    /// What reached the application over the connection from that port of this machine, but for probes.
    func requests(from port: Int) -> [String] { requests[port] ?? [] }
}

extension TemporaryFile {
    fileprivate func forWriting() throws -> FileHandle { try FileHandle(forWritingTo: URL(fileURLWithPath: path)) }
}
