// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import Foundation
import Testing

/// What the documentation says of numbers is what the code has.
@Suite("Documented defaults (D18)")
struct DocumentedDefaultsTests {
    @Test("D18: the article about limits and timeouts has the numbers of the code")
    func limitsAndTimeouts() throws {
        let connection = ConnectionConfiguration()
        let server = WebSocketServer.Configuration()
        let table = try table(of: "LimitsAndTimeouts")
        let said: [(String, String)] = [
            ("a message, after decompression", size(connection.limits.maximumMessageSize)),
            ("received bytes that nobody has taken", size(connection.receiveQueueLimit) + ", or one message"),
            ("unsent bytes of a connection that is sent to without waiting", size(connection.maximumUnsentBytes)),
            ("a request line, a header", size(server.http.fieldLine) + " each"),
            ("a head altogether", "\(size(server.http.head)), \(server.http.fields) headers"),
            ("the opening handshake", time(connection.openTimeout)),
            ("a connection that waits for its next plain request", time(server.idleTimeout)),
            ("between keepalive pings", time(connection.limits.pingInterval)),
            ("silence after a keepalive ping", time(connection.limits.pingTimeout)),
            ("closing, altogether", time(connection.limits.closeTimeout)),
            ("a peer that reads nothing", time(connection.writeTimeout)),
            ("a stopping server's connections", time(server.stopTimeout)),
        ]
        for (row, value) in said { #expect(table[row] == value, "\(row)") }
        #expect(connection.limits.maximumFrameSize == nil, "a frame: as a message")
    }

    /// The second cell of each row, by the first.
    private func table(of article: String) throws -> [String: String] {
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent(
            "../../../../Sources/AlicornWebSocket/Documentation.docc")
        let text = try String(contentsOf: folder.appendingPathComponent("\(article).md").standardized, encoding: .utf8)
        var table: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count > 1 { table[cells[0]] = cells[1] }
        }
        return table
    }

    private func size(_ bytes: Int?) -> String {
        guard let bytes else { return "none" }
        return bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }

    private func time(_ duration: Duration?) -> String { duration.map { "\($0.components.seconds) s" } ?? "none" }
}
