// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension HTTPViolation {
    /// The response that tells the peer: a sentence as text, and the end of the connection.
    public var response: (head: ResponseHead, body: [UInt8]) {
        let body = [UInt8]("\(ReasonPhrase.standard(for: status)): \(description).\n".utf8)
        var fields = HeaderFields()
        // These are constants that the grammar allows; `try?` because the compiler cannot know.
        try? fields.append(name: "Content-Type", value: "text/plain; charset=utf-8")
        try? fields.append(name: "Content-Length", value: String(body.count))
        // RFC 9112 §9.6: the last response says that it is.
        try? fields.append(name: "Connection", value: "close")
        return (ResponseHead(status: status, fields: fields), body)
    }
}
