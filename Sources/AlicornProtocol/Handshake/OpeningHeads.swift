// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The request and the response that opened a connection, as they stand on the wire: what an open connection keeps of them
/// for as long as it lives. They are parsed again when somebody asks, which few do, and not often.
package struct OpeningHeads: Sendable {
    private let bytes: [UInt8]
    private let requestEnd: Int

    package init(request: RequestHead, response: ResponseHead) {
        var bytes: [UInt8] = []
        // Both have been on the wire, or are about to be: nothing in them is refused.
        try? HTTP1Serializer.append(request, to: &bytes)
        requestEnd = bytes.count
        try? HTTP1Serializer.append(response, to: &bytes)
        self.bytes = Array(bytes[...])  // Of just the size that is needed.
    }

    /// The request. Costs its parsing.
    package var request: RequestHead {
        guard let (line, fields): (RequestLine, HeaderFields) = parse(0..<requestEnd) else {
            return RequestHead(method: "GET", target: "/")
        }
        return RequestHead(
            method: fields.text(line.method), target: fields.text(line.target), version: line.version, fields: fields)
    }

    /// The response. Costs its parsing.
    package var response: ResponseHead {
        guard let (line, fields): (StatusLine, HeaderFields) = parse(requestEnd..<bytes.count) else {
            return ResponseHead(status: 101)
        }
        return ResponseHead(
            status: line.status, reason: fields.text(line.reason), version: line.version, fields: fields)
    }

    private func parse<Line: StartLine>(_ range: Range<Int>) -> (Line, HeaderFields)? {
        var limits = HTTPLimits()
        (limits.startLine, limits.fieldLine, limits.head, limits.fields) = (.max, .max, .max, .max)
        var parser = HeadParser<Line>()
        var position = 0
        return try? parser.next(in: bytes.span.extracting(range), from: &position, limits: limits)
    }
}
