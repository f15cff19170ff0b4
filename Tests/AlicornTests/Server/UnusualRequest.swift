// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

/// What a client sends that is malformed or unusual, and what the application server makes of it, with `hello` as its
/// application.
struct UnusualRequest: Sendable, CustomTestStringConvertible {
    /// What decides the outcome.
    var rule: String
    /// What is sent at once; each scalar stands for the byte of its number.
    var input: String
    /// What is sent once the first answer is there.
    var then = ""
    /// Whether the client ends its side then.
    var endsInput = false
    var outcome: Outcome

    var testDescription: String { "\(rule): \(input.prefix(120).debugDescription)" }

    /// What comes back, and what the application hears of it.
    struct Outcome: Sendable {
        var statuses: [Int]
        /// How the last answer begins, where it is the server's own.
        var text = ""
        /// The requests that reach the application, as the access log has them.
        var reached: [String] = []
        var connection: Connection
    }

    /// What becomes of the connection. It is never cut, as that would take the answer with it (RFC 9112 §9.6).
    enum Connection: Sendable, Hashable {
        /// It serves another request.
        case open
        /// The server ends it in order.
        case closed
        /// It speaks WebSocket.
        case upgraded
    }
}

extension UnusualRequest.Outcome {
    /// The server answers by itself, and closes.
    static func refused(_ status: Int) -> Self {
        let texts = [
            400: "Invalid HTTP request received.", 408: "Request Timeout", 413: "Content Too Large",
            414: "URI Too Long", 417: "Expectation Failed", 431: "Request Header Fields Too Large",
            501: "Not Implemented", 505: "HTTP Version Not Supported",
        ]
        return Self(statuses: [status], text: texts[status] ?? "", connection: .closed)
    }

    /// The server answers a handshake with what is wrong with it, and closes.
    static func refusedHandshake(_ status: Int, _ cause: String) -> Self {
        Self(statuses: [status], text: "Failed to open a WebSocket connection: \(cause).\n", connection: .closed)
    }

    /// The application answers, and then ``UnusualRequest/next``.
    static func served(_ request: String, _ status: Int = 200) -> Self {
        Self(statuses: [status, 404], reached: [request, "GET /next HTTP/1.1"], connection: .open)
    }

    static func answered(
        _ statuses: [Int], _ reached: [String], _ connection: UnusualRequest.Connection
    ) -> Self {
        Self(
            statuses: statuses, text: statuses.last == 400 ? "Invalid HTTP request received." : "", reached: reached,
            connection: connection)
    }

    static var upgraded: Self { Self(statuses: [101], reached: ["WebSocket /"], connection: .upgraded) }
}

extension UnusualRequest {
    /// A request behind others, which is answered with 404.
    static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    /// A request that only a server sees which reads the one before it wrongly.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    /// The fields of a right opening handshake.
    static let opening =
        "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    static func bytes(
        _ rule: String, _ input: String, then: String = "", endsInput: Bool = false, _ outcome: Outcome
    ) -> Self {
        Self(rule: rule, input: input, then: then, endsInput: endsInput, outcome: outcome)
    }

    /// A request with that request line, and the next.
    static func line(_ rule: String, _ line: String, _ outcome: Outcome) -> Self {
        bytes(rule, "\(line)\r\nHost: a\r\n\r\n\(next)", outcome)
    }

    /// A request with those fields, Host among them or not, and the next.
    static func head(_ rule: String, _ lines: String, _ outcome: Outcome) -> Self {
        bytes(rule, "GET / HTTP/1.1\r\n\(lines)\r\n\r\n\(next)", outcome)
    }

    /// A request with those fields behind its Host, and the next.
    static func fields(_ rule: String, _ lines: String, _ outcome: Outcome) -> Self {
        head(rule, "Host: a\r\n\(lines)", outcome)
    }

    /// A request with those fields and that body, and the next.
    static func post(_ rule: String, _ lines: String, body: String = "hello", _ outcome: Outcome) -> Self {
        bytes(rule, "POST /echo HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)\(next)", outcome)
    }

    /// A request with that chunked body, and the next.
    static func chunked(_ rule: String, _ body: String, _ outcome: Outcome) -> Self {
        post(rule, "Transfer-Encoding: chunked", body: body, outcome)
    }

    /// An opening handshake with those lines behind the right ones.
    static func opening(_ rule: String, _ lines: String, _ outcome: Outcome) -> Self {
        bytes(rule, "GET / HTTP/1.1\r\n\(opening)\(lines)\r\n", outcome)
    }

    /// An opening handshake with something else in the place of `part`.
    static func opening(_ rule: String, _ part: String, is other: String, _ outcome: Outcome) -> Self {
        bytes(rule, "GET / HTTP/1.1\r\n\(opening.replacing(part, with: other))\r\n", outcome)
    }
}
