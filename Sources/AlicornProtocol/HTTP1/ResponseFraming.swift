// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What the application says about the body of its response.
public enum ResponseBody: Sendable, Hashable {
    /// There is none.
    case empty
    /// It has that many bytes.
    case length(Int)
    /// It comes in pieces; its length is what a Content-Length header says, or not known.
    case streamed
}

/// How the body of one response goes over the wire (RFC 9112 §6).
struct ResponseFraming: Sendable {
    /// What becomes of the pieces.
    enum Pieces: Sendable {
        /// They are as long together as was announced.
        case length(remaining: Int)
        /// Each is a chunk.
        case chunked
        /// They go as they are; the end of the connection is their end.
        case untilClose
        /// They are not sent, as the request was HEAD or the status code allows no body.
        case dropped
    }

    /// A field that the head gets beside those of the application.
    enum AddedField: Sendable {
        case contentLength(Int)
        case transferEncodingChunked
    }

    var pieces: Pieces
    var added: AddedField?
    /// Whether the application's Content-Length is left out, as RFC 9110 §8.6 forbids it there.
    var omitsContentLength = false

    /// Decides it, and checks that head and body agree.
    ///
    /// - Parameter index: that of the head's fields.
    init(
        _ head: ResponseHead, _ index: FieldIndex, body: ResponseBody, for request: RequestTraits
    ) throws(HTTPMisuse) {
        // RFC 9112 §6.1: the transfer coding is this hop's, not the application's.
        guard index.transferEncoding.count == 0 else { throw .framingField("Transfer-Encoding") }
        let declared = try Self.declaredLength(head, index.contentLength, body, for: request)
        // RFC 9110 §9.3.6: a 2xx answer to CONNECT has no body but opens a tunnel.
        if case .connect = request.method, (200...299).contains(head.status) { throw .tunnel }

        let hasNoBody = head.status == 204 || head.status == 304
        if hasNoBody, case .length(1...) = body { throw .bodyNotAllowed(status: head.status) }
        if case .head = request.method {
            // RFC 9110 §9.3.2: the head is as for GET, as far as it is known.
            pieces = .dropped
            if case .length(let length) = body, declared == nil, !hasNoBody { added = .contentLength(length) }
            omitsContentLength = head.status == 204
            return
        }
        if hasNoBody {
            // RFC 9110 §8.6: no Content-Length in 204; in 304 it is that of the body that was not sent.
            pieces = .length(remaining: 0)
            omitsContentLength = head.status == 204
            return
        }
        switch (body, declared) {
        case (.empty, nil):
            pieces = .length(remaining: 0)
            added = .contentLength(0)
        case (.empty, .some(let length)):
            guard length == 0 else { throw .framingField("Content-Length") }
            pieces = .length(remaining: 0)
        case (.length(let length), nil):
            pieces = .length(remaining: length)
            added = .contentLength(length)
        case (.length(let length), .some), (.streamed, .some(let length)):
            pieces = .length(remaining: length)
        case (.streamed, nil):
            // RFC 9112 §6.1: chunked only to who speaks HTTP/1.1.
            let isChunked = request.version >= .http11
            pieces = isChunked ? .chunked : .untilClose
            added = isChunked ? .transferEncodingChunked : nil
        }
    }

    /// How many bytes of body go into one buffer with the head: all of a small one.
    var smallBody: Int {
        switch pieces {
        case .length(let remaining): remaining <= 16 * 1024 ? remaining : 0
        case .chunked, .untilClose, .dropped: 0
        }
    }

    /// Whether the connection has to end for the body to end.
    var endsWithConnection: Bool {
        switch pieces {
        case .untilClose: true
        case .length, .chunked, .dropped: false
        }
    }

    /// The Content-Length in the head, which has to be the body's.
    private static func declaredLength(
        _ head: ResponseHead, _ occurrence: FieldIndex.Occurrence, _ body: ResponseBody, for request: RequestTraits
    ) throws(HTTPMisuse) -> Int? {
        if case .length(..<0) = body { throw .framingField("Content-Length") }
        guard occurrence.count > 0 else { return nil }
        guard occurrence.count == 1, let length = head.fields.decimal(at: occurrence.value) else {
            throw .framingField("Content-Length")
        }
        if case .length(length) = body { return length }
        // RFC 9110 §8.6: an answer to HEAD, and a 304, may tell the length of a body that they do not have.
        if case .length(0) = body, request.method == .head || head.status == 304 { return length }
        if case .length = body { throw .framingField("Content-Length") }
        return length
    }
}

extension ResponseFraming.AddedField {
    /// Appends the field's line, which has at most 40 bytes.
    func append(to output: inout OutputSpan<UInt8>) {
        switch self {
        case .contentLength(let length):
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        case .transferEncodingChunked:
            output.append("Transfer-Encoding: chunked\r\n")
        }
    }
}
