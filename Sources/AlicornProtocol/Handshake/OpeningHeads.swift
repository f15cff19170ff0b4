// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The request and the response that opened a connection, as they stand on the wire: what an open connection keeps of them
/// for as long as it lives. They are parsed again when somebody asks, which few do, and not often.
package struct OpeningHeads: Sendable {
    private let packed: PackedHeads
    private let requestEnd: Int

    package init(request: RequestHead, response: ResponseHead) {
        var bytes: [UInt8] = []
        // Both have been on the wire, or are about to be: nothing in them is refused.
        try? HTTP1Serializer.append(request, to: &bytes)
        requestEnd = bytes.count
        try? HTTP1Serializer.append(response, to: &bytes)
        packed = PackedHeads(bytes.span)
    }

    /// The request. Costs its parsing.
    package var request: RequestHead {
        guard let (line, fields): (RequestLine, HeaderFields) = parse(packed.text[..<requestEnd]) else {
            return RequestHead(method: "GET", target: "/")
        }
        return RequestHead(
            method: fields.text(line.method), target: fields.text(line.target), version: line.version, fields: fields)
    }

    /// The response. Costs its parsing.
    package var response: ResponseHead {
        guard let (line, fields): (StatusLine, HeaderFields) = parse(packed.text[requestEnd...]) else {
            return ResponseHead(status: 101)
        }
        return ResponseHead(
            status: line.status, reason: fields.text(line.reason), version: line.version, fields: fields)
    }

    private func parse<Line: StartLine>(_ text: ArraySlice<UInt8>) -> (Line, HeaderFields)? {
        var limits = HTTPLimits()
        (limits.startLine, limits.fieldLine, limits.head, limits.fields) = (.max, .max, .max, .max)
        var parser = HeadParser<Line>()
        var position = 0
        return try? parser.next(in: text.span, from: &position, limits: limits)
    }
}
