// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import EngineTesting
import Testing

@testable import Alicorn
@testable import AlicornCommand

/// Whatever is sent, it has the right answers, reaches the application only when it is a request, and leaves the
/// connection in the right state. The parser's own tests look at each byte; here is what a whole server makes of them.
@Suite("Malformed and unusual requests", .onEachEngine, .timeLimit(.minutes(2)))
struct MalformedRequestsTests {
    /// Rows that one server answers, by its options.
    struct Table: Sendable, CustomTestStringConvertible {
        var options: [String: [String]] = [:]
        var rows: [UnusualRequest]

        var testDescription: String { "\(rows.count) rows with \(options.isEmpty ? "no options" : "\(options)")" }
    }

    static let tables = [
        Table(
            rows: UnusualRequest.requestLines + UnusualRequest.targets + UnusualRequest.hosts
                + UnusualRequest.fieldLines),
        Table(
            rows: UnusualRequest.lengths + UnusualRequest.codings + UnusualRequest.chunks + UnusualRequest.smuggling),
        Table(rows: UnusualRequest.connections + UnusualRequest.upgrades + UnusualRequest.limits),
        Table(options: ["limit-body": ["10"]], rows: UnusualRequest.bodyLimits),
        Table(options: ["limit-header-size": ["1024"], "limit-headers": ["5"]], rows: UnusualRequest.headLimits),
        Table(options: ["ws": ["none"]], rows: UnusualRequest.withoutWebSockets),
        Table(
            options: ["timeout-head": ["2"], "timeout-body": ["2"], "timeout-keep-alive": ["2"]],
            rows: UnusualRequest.timeouts),
    ]

    @Test(
        "have their answers, reach the application or not, and leave the connection as they should", arguments: tables)
    func answers(_ table: Table) async throws {
        let ports = try await LoggedServer.serve(options: table.options) { server in
            try await inTurns(table.rows) { row in try await play(row, on: server.port) }
        } afterwards: { ports, log in
            // The kernel may give the same port to a later row's connection.
            for (port, rows) in Dictionary(grouping: zip(ports, table.rows), by: \.0) {
                #expect(
                    log.requests(from: port) == rows.flatMap { $0.1.outcome.reached },
                    "\(rows.map { $0.1.testDescription })")
            }
        }
        #expect(ports.count == table.rows.count)
    }

    @Test("that come together are logged in their order (U-LG-04, U-H-17)")
    func order() async throws {
        let targets = (0..<12).map { "/json?\($0)" }
        let expected = targets.map { "GET \($0) HTTP/1.1" }
        _ = try await LoggedServer.serve { server in
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send(targets.map { RawAnswer.get($0) }.joined())
            _ = try await Self.receive(targets.count, from: peer)
            return peer.localPort
        } afterwards: { port, log in
            let logged = log.requests(from: port)
            #expect(logged.count == expected.count)
            #expect(logged == expected)
        }
    }

    @Test("are many")
    func count() { #expect(Self.tables.map(\.rows.count).reduce(0, +) >= 200) }

    // MARK: - One row

    /// Sends the row, and looks at what comes back.
    ///
    /// - Returns: the port that it was sent from.
    private func play(_ row: UnusualRequest, on port: Int) async throws -> Int {
        let (peer, outcome) = (try await ScriptedPeer.connect(port: port), row.outcome)
        let isToHead = row.input.hasPrefix("HEAD")
        // A server that has had enough need not read all of it.
        try? await peer.send(Self.bytes(row.input))
        if row.endsInput { peer.finishWriting() }
        var received: [UInt8] = []
        if !row.then.isEmpty {
            received = try await Self.receive(1, from: peer)
            try await peer.send(Self.bytes(row.then))
        }
        switch outcome.connection {
        case .closed: received += try await peer.receiveAll()
        case .open:
            let count = outcome.statuses.count
            received += try await Self.receive(count, behind: received, from: peer, isToHead)
            try await peer.send("GET /probe HTTP/1.1\r\nHost: a\r\n\r\n")
            let probed = try await Self.receive(1, from: peer)
            #expect(RawAnswer.all(in: probed).map(\.status) == [404], "\(row.testDescription)")
        case .upgraded:
            received += try await Self.receive(outcome.statuses.count, behind: received, from: peer)
            try await peer.send(.text("hello"))
            #expect(try await peer.receiveFrame() == .text("hello"), "\(row.testDescription)")
        }
        expect(received, row, isToHead)
        return peer.localPort
    }

    private func expect(_ received: [UInt8], _ row: UnusualRequest, _ isToHead: Bool) {
        let answers = RawAnswer.all(in: received, isToHead: isToHead)
        let isCut = row.endsInput && row.outcome.text.isEmpty
        let statuses = isCut ? Self.statuses(received) : answers.map(\.status)
        #expect(statuses == row.outcome.statuses, "\(row.testDescription)")
        guard !row.outcome.text.isEmpty, let last = answers.last else { return }
        #expect(last.body.hasPrefix(isToHead ? "" : row.outcome.text), "\(row.testDescription): \(last.body)")
        // U-H-14, U-DH-03, P-21
        let connection = last.status == 426 ? "upgrade, close" : "close"
        let lines = last.lines.map { $0.lowercased() }
        for line in ["content-type: text/plain; charset=utf-8", "connection: \(connection)", "server: alicorn"] {
            #expect(lines.contains(line), "\(row.testDescription): \(lines)")
        }
        #expect(lines.contains { $0.hasPrefix("date: ") }, "\(row.testDescription): \(lines)")
    }

    /// The statuses of all answers that have begun, of which the last may be cut short.
    private static func statuses(_ received: [UInt8]) -> [Int] {
        String(decoding: received, as: UTF8.self).matches(of: /HTTP\/1\.1 (\d{3})/).compactMap { Int($0.1) }
    }

    private static func receive(
        _ count: Int, behind received: [UInt8] = [], from peer: ScriptedPeer, _ isToHead: Bool = false
    ) async throws -> [UInt8] {
        try await peer.receive { RawAnswer.all(in: received + $0, isToHead: isToHead).count >= count }
    }

    private static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

    /// Does it for each row, some at a time.
    ///
    /// - Returns: the results, in the order of the rows.
    private func inTurns<Result: Sendable>(
        _ rows: [UnusualRequest], _ body: @escaping @Sendable (UnusualRequest) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var results: [Int: Result] = [:]
            for (index, row) in rows.enumerated() {
                if index >= 16, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await body(row)) }
            }
            for try await (done, result) in group { results[done] = result }
            return rows.indices.compactMap { results[$0] }
        }
    }
}
