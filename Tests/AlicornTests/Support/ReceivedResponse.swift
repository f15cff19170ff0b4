// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import AlicornTesting

/// A response as it came over the wire.
struct ReceivedResponse {
    let status: Int
    let fields: [String: String]
    let body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        let pairs = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return (name.lowercased(), String(line.dropFirst(name.count + 2)))
        }
        fields = Dictionary(pairs) { "\($0), \($1)" }
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}

extension ServedApplication {
    /// Sends one request on a connection of its own.
    ///
    /// - Parameter fields: lines of the head, each with its end.
    func request(
        _ method: String, _ target: String, _ fields: String = "", body: String = ""
    ) async throws -> ReceivedResponse {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return ReceivedResponse(
            try await exchange(
                "\(method) \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(length)\(fields)\r\n\(body)"))
    }

    func get(_ target: String, _ fields: String = "") async throws -> ReceivedResponse {
        try await request("GET", target, fields)
    }

    /// Sends an opening handshake that is not accepted.
    func open(_ target: String) async throws -> ReceivedResponse {
        ReceivedResponse(
            try await exchange(
                "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
    }
}
