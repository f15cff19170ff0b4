// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

/// Bytes that are no good opening handshake, and how they are answered.
struct HostileRequest: Sendable, CustomTestStringConvertible {
    /// What is sent; each scalar stands for the byte of its number.
    var input: String
    /// The status of the answer.
    var status: Int
    /// What the line in the log says.
    var cause: String
    /// What decides the answer.
    var rule: String
    /// A header line of the answer, without regard to its place.
    var answer: String?

    init(_ input: String, _ status: Int, _ cause: String, _ rule: String, answer: String? = nil) {
        self.input = input
        self.status = status
        self.cause = cause
        self.rule = rule
        self.answer = answer
    }

    var bytes: [UInt8] { input.unicodeScalars.map { UInt8($0.value) } }

    var testDescription: String { "\(rule): \(input.prefix(120).debugDescription)" }
}

extension HostileRequest {
    /// The lines of a good opening handshake, behind its request line.
    static let fields = [
        "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// A good opening handshake, but for its request line, one field that it lacks, and lines that are added.
    static func request(
        _ line: String = "GET / HTTP/1.1", without name: String? = nil, adding lines: String...
    ) -> String {
        let kept = fields.filter { field in name.map { !field.hasPrefix($0 + ":") } ?? true }
        return ([line] + kept + lines).joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// A good opening handshake, but for the value of one field.
    static func request(_ name: String, is value: String) -> String {
        request(without: name, adding: "\(name): \(value)")
    }
}
