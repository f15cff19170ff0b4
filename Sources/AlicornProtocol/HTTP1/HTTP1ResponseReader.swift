// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A client's side of reading the response to one request.
///
/// ```
///        interim (1xx)
///         ┌───┐          final head, body              end of body, limit, fault, end of input
///         │   ▼         ┌────────────────▶ body ──────────────────────────────▶ finished
///         └── head ─────┤ 101, or 2xx to CONNECT
///              │        └────────────────▶ switched: the bytes behind belong to the new protocol
///              └ fault, end of input ────▶ finished
/// ```
public struct HTTP1ResponseReader: ~Copyable {
    /// What has arrived.
    public enum Event: Sendable {
        /// An interim response (RFC 9110 §15.2); the final one follows.
        case interim(ResponseHead)
        /// A response with status 101 (RFC 9110 §15.2.2), or 2xx to CONNECT: all bytes behind are untouched.
        case switched(ResponseHead)
        /// The final response.
        case response(HTTP1Response)
        /// The server broke the protocol before its final response was known.
        case failure(HTTPViolation)
    }

    private enum State {
        case head
        case body(HTTP1Response, BodyDecoder)
        case switched
        case finished
    }

    private var state = State.head
    private var parser = HeadParser<StatusLine>()
    private var interimResponses = 0
    private let method: String
    private let limits: HTTPLimits

    /// - Parameter method: the method of the request, which decides how its response ends (RFC 9112 §6.3).
    public init(method: String, limits: HTTPLimits = HTTPLimits()) {
        self.method = method
        self.limits = limits
    }

    /// The next event in the input from `position`, which moves behind what was taken; `nil` when it needs more.
    ///
    /// Behind the final response or a fault it takes nothing more.
    public mutating func next(in input: Span<UInt8>, from position: inout Int) -> Event? {
        if case .head = state {
            do throws(HTTPViolation) {
                guard let (line, fields) = try parser.next(in: input, from: &position, limits: limits) else {
                    return nil
                }
                if let event = try receive(line, fields) { return event }
            } catch {
                state = .finished
                return .failure(error)
            }
        }
        guard case .body(var response, var decoder) = state else { return nil }
        state = .finished  // so that the body is not copied
        let isComplete = collect(&response, &decoder, from: input, at: &position)
        if isComplete { return .response(response) }
        state = .body(response, decoder)
        return nil
    }

    /// The server has ended its side; all input before was passed to ``next(in:from:)``.
    ///
    /// - Returns: the response that ends so, or what is missing; `nil` when nothing was to come.
    public mutating func receiveEOF() -> Event? {
        defer { state = .finished }
        switch state {
        case .head:
            return .failure(.incompleteHead)
        case .body(var response, let decoder):
            if !decoder.endsWithConnection { response.fault = .incompleteBody }
            return .response(response)
        case .switched, .finished:
            return nil
        }
    }

    /// Takes a head; `nil` when the body of a final response is next.
    private mutating func receive(_ line: StatusLine, _ fields: HeaderFields) throws(HTTPViolation) -> Event? {
        // A proxy may answer CONNECT in HTTP/1.0; a server that speaks WebSocket may not (RFC 6455 §4.1).
        guard line.version >= .http11 || method == "CONNECT" else { throw .unexpectedHTTP10 }
        let head = ResponseHead(
            status: line.status, reason: fields.text(line.reason), version: line.version, fields: fields)
        switch line.status {
        case 101:
            state = .switched
            return .switched(head)
        case 100...199:
            interimResponses += 1
            guard interimResponses <= limits.interimResponses else { throw .tooManyInterimResponses }
            return .interim(head)
        case 200...299 where method == "CONNECT":
            // RFC 9112 §6.3: Content-Length and Transfer-Encoding have no meaning here.
            state = .switched
            return .switched(head)
        default:
            let kind = try bodyKind(line, fields)
            let decoder = try BodyDecoder(kind, largest: nil)
            state = .body(HTTP1Response(head: head), decoder)
            return nil
        }
    }

    /// RFC 9112 §6.3, in its order.
    private func bodyKind(_ line: StatusLine, _ fields: HeaderFields) throws(HTTPViolation) -> BodyKind {
        if method == "HEAD" || line.status == 204 || line.status == 304 { return .none }
        return try BodyKind.announced(by: fields, FieldIndex(fields), version: line.version) ?? .untilClose
    }

    /// Takes what is there of the body; true when it is complete or at fault.
    private func collect(
        _ response: inout HTTP1Response, _ decoder: inout BodyDecoder, from input: Span<UInt8>, at position: inout Int
    ) -> Bool {
        do throws(HTTPViolation) {
            while let piece = try decoder.next(in: input, from: &position, limits: limits) {
                switch piece {
                case .data(let range):
                    let kept = min(range.count, limits.responseBody - response.body.count)
                    response.body.append(copying: input.extracting(range.lowerBound..<range.lowerBound + kept))
                    guard kept == range.count else { throw .bodyTooLarge }
                case .end(let trailers):
                    response.trailers = trailers
                    return true
                }
            }
            return false
        } catch {
            response.fault = error
            return true
        }
    }
}

/// A final response with its body.
public struct HTTP1Response: Sendable {
    /// Status and fields.
    public var head: ResponseHead
    /// The body, up to ``HTTPLimits/responseBody``.
    public var body: [UInt8] = []
    /// The fields behind a chunked body.
    public var trailers = HeaderFields()
    /// What ended the body before its time, as ``HTTPViolation/bodyTooLarge``; `nil` when it is whole.
    public var fault: HTTPViolation?

    /// A response without a body.
    public init(head: ResponseHead) {
        self.head = head
    }
}
