// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import Testing

/// A response as it stands on the wire.
struct RawAnswer: Sendable {
    var status: Int
    /// The status line and the fields.
    var lines: [Substring]
    var body: String

    /// The responses that are whole.
    ///
    /// - Parameter isToHead: whether the first of them answers HEAD, and has no body.
    static func all(in bytes: [UInt8], isToHead: Bool = false) -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var rest = bytes[...]
        while let answer = RawAnswer(from: &rest, hasBody: !(isToHead && answers.isEmpty)) { answers.append(answer) }
        return answers
    }

    private init?(from bytes: inout ArraySlice<UInt8>, hasBody: Bool) {
        guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        lines = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        self.status = status
        var rest = bytes[headEnd.upperBound...]
        let framing = lines.lazy.map { $0.lowercased() }
        if !hasBody || status < 200 {
            body = ""
        } else if framing.contains("transfer-encoding: chunked") {
            guard let end = rest.firstRange(of: Array("0\r\n\r\n".utf8)) else { return nil }
            body = String(decoding: rest[..<end.upperBound], as: UTF8.self)
            rest = rest[end.upperBound...]
        } else {
            let length = framing.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            guard rest.count >= length else { return nil }
            body = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
        }
        bytes = rest
    }
}

extension RawAnswer {
    /// The answer to a request, on a connection of its own.
    static func to(_ request: String, port: Int) async throws -> RawAnswer {
        try await on(try await ScriptedPeer.connect(port: port), to: request)
    }

    /// The answer to a request, on a connection that stays.
    static func on(_ peer: ScriptedPeer, to request: String) async throws -> RawAnswer {
        try await peer.send(request)
        let bytes = try await peer.receive { !RawAnswer.all(in: $0).isEmpty }
        return try #require(RawAnswer.all(in: bytes).first, "no answer, but \(String(decoding: bytes, as: UTF8.self))")
    }

    /// A request without a body.
    static func get(_ target: String = "/", _ fields: String...) -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}
