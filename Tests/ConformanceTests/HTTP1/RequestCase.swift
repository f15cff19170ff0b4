// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

/// A request, good or bad, and the section of the RFC that decides where NIOHTTP1 reads it otherwise than we do.
struct RequestCase: Sendable, CustomTestStringConvertible {
    /// What the client sends; each character is the byte of the same number.
    var input: String
    /// Why we and NIOHTTP1 disagree; `nil` where both see the same.
    var decidedBy: String?

    init(_ input: String, _ decidedBy: String? = nil) {
        self.input = input
        self.decidedBy = decidedBy
    }

    /// A request with that request line.
    static func line(_ line: String, _ decidedBy: String? = nil) -> Self {
        Self(line + "\r\nHost: a\r\n\r\n", decidedBy)
    }

    /// A request with those lines behind its Host.
    static func fields(_ lines: String, _ decidedBy: String? = nil) -> Self {
        Self("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n", decidedBy)
    }

    /// A request with those lines, Host among them or not.
    static func head(_ lines: String, _ decidedBy: String? = nil) -> Self {
        Self("GET / HTTP/1.1\r\n" + lines + "\r\n\r\n", decidedBy)
    }

    /// A request with those lines and a body of `hello`, behind which another request stands.
    static func post(_ lines: String, _ decidedBy: String? = nil) -> Self {
        Self("POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\nhello" + next, decidedBy)
    }

    /// A request with that chunked body, behind which another request stands.
    static func chunked(_ body: String, _ decidedBy: String? = nil) -> Self {
        Self("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body + next, decidedBy)
    }

    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

    var bytes: [UInt8] { input.unicodeScalars.map { UInt8($0.value) } }

    var testDescription: String { input.debugDescription }
}
