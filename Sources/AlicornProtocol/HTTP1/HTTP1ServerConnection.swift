// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A server's side of one HTTP/1.1 connection: bytes to requests, responses to bytes.
///
/// The caller owns input and output. It pulls events with ``next(in:from:)`` and answers each request with ``send(_:body:into:)``,
/// ``sendBody(_:into:)`` and ``endResponse(trailers:into:)``. While a response is due that comes after a request was received whole,
/// nothing more is taken: bytes of the next request stay in the caller's buffer (RFC 9112 §9.3.2), which is the back-pressure.
///
/// ```
///             head received               response ended, body received
/// awaiting ──────────────────▶ exchange ────────────────────────────────▶ awaiting
///    │                         │  │  │
///    │ fault: the exchange is  │  │  │ response ended, body not received
///    │ one to answer it        │  │  └───────────────▶ draining ──▶ awaiting (body received)
///    └────────▶ exchange       │  │                       └───────▶ closed   (fault, too much, end of input)
///                              │  └ sendUpgradeResponse ──────────▶ upgraded (RFC 9110 §7.8)
///                              └ response ended, not persistent ──▶ closed   (RFC 9112 §9.3, §9.6)
/// ```
///
/// In an exchange the request's and the response's side go forward on their own:
/// request `body → received | stopped` (fault, end of input), response `due → begun → ended`.
public struct HTTP1ServerConnection: ~Copyable {
    /// What has arrived.
    public enum Event: Sendable {
        /// A request's head. Its body follows, then ``end(trailers:)``, also when there is no body.
        case request(RequestHead, body: BodyKind, expectsContinue: Bool)
        /// Bytes of the body, as indices of the input that was passed.
        case body(Range<Int>)
        /// The request was received whole.
        case end(trailers: HeaderFields)
        /// The client broke the protocol; there are no more events. ``sendFailureResponse(for:date:into:)`` answers it.
        case failure(HTTPViolation)
    }

    /// What becomes of the connection after a response.
    public enum Persistence: Sendable, Hashable {
        /// It serves another request.
        case keepAlive
        /// It has to be closed, once the output is written.
        case close
    }

    /// What the caller does with the bytes of a body's piece.
    public enum PieceAction: Sendable, Hashable {
        /// They are to be sent.
        case send
        /// They are to be sent, and CRLF behind them.
        case sendWithLineEnd
        /// They are not to be sent.
        case drop
    }

    private enum State {
        case awaiting
        case exchange(Exchange)
        case draining(allowance: Int)
        case upgraded
        case closed
    }

    private struct Exchange {
        enum Receiving { case body, received, stopped }
        enum Response { case due, begun(ResponseFraming.Pieces) }

        var request: RequestTraits
        var receiving: Receiving
        var response = Response.due
        var persists: Bool
        /// Whether the client still waits for 100 (Continue).
        var awaitsContinue: Bool

        /// Whether nothing more is to come of the request.
        func hasReceivedAll(by decoder: BodyDecoder) -> Bool {
            switch receiving {
            case .body: decoder.remaining == 0
            case .received: true
            case .stopped: false
            }
        }

        /// The same, but the last on its connection.
        var notPersisting: Self {
            var copy = self
            copy.persists = false
            return copy
        }
    }

    /// How the client broke the protocol, once it has.
    public private(set) var violation: HTTPViolation?

    /// Whether the client may still be sending what nobody reads: when TCP is closed before it has sent all, it may lose the
    /// response (RFC 9112 §9.6).
    public private(set) var leavesInputUnread = false

    private var state = State.awaiting
    private var parser = HeadParser<RequestLine>()
    /// The last head: clients that keep their connection mostly send the same bytes again.
    private var last: RepeatableHead?
    private var decoder = BodyDecoder.empty
    private var acceptsRequests = true
    private let limits: HTTPLimits

    /// A connection on which nothing has arrived.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }
}

// MARK: - Receiving

extension HTTP1ServerConnection {
    /// The next event in the input from `position`, which moves behind what was taken.
    ///
    /// `nil` means that it needs more input (then all of it was taken) or that it takes none now: see ``wantsInput``.
    /// Costs a scan of the new bytes, and for a head two allocations and its text.
    public mutating func next(in input: Span<UInt8>, from position: inout Int) -> Event? {
        if let violation = drain(input, from: &position) { return .failure(violation) }
        switch state {
        case .awaiting:
            return receiveHead(in: input, from: &position)
        case .exchange(let exchange):
            return exchange.receiving == .body ? receiveBody(of: exchange, in: input, from: &position) : nil
        case .draining, .upgraded, .closed:
            return nil
        }
    }

    /// Whether the connection takes input now. The caller stops reading while it does not.
    public var wantsInput: Bool {
        switch state {
        case .awaiting, .draining: true
        case .exchange(let exchange): exchange.receiving == .body
        case .upgraded, .closed: false
        }
    }

    /// Whether the connection waits for a request of which nothing has arrived.
    public var isIdle: Bool {
        switch state {
        case .awaiting: parser.isUntouched
        case .exchange, .draining, .upgraded, .closed: false
        }
    }

    /// Whether nothing is to be expected of this connection any more: no event, no response.
    public var isClosed: Bool {
        switch state {
        case .closed: true
        case .awaiting, .exchange, .draining, .upgraded: false
        }
    }

    /// The client has ended its side; all input before was passed to ``next(in:from:)``.
    ///
    /// - Returns: the violation when a message was not complete, else `nil`. A response that is due can still be sent.
    public mutating func receiveEOF() -> HTTPViolation? {
        acceptsRequests = false
        switch state {
        case .awaiting:
            if parser.isUntouched {
                state = .closed
                return nil
            }
            fail(.incompleteHead)
            return violation
        case .exchange(let exchange):
            state = .exchange(exchange.notPersisting)
            guard exchange.receiving == .body else { return nil }
            fail(.incompleteBody)
            return violation
        case .draining:
            state = .closed
            return nil
        case .upgraded, .closed:
            return nil
        }
    }

    /// Reads nothing more, because of something that only the caller can see, such as ``HTTPViolation/headTimedOut``.
    ///
    /// What is due can still be answered, with ``sendFailureResponse(for:date:into:)`` or in another way.
    public mutating func fail(_ violation: HTTPViolation) {
        self.violation = self.violation ?? violation
        switch state {
        case .awaiting:
            let request = RequestTraits.unknown
            state = .exchange(Exchange(request: request, receiving: .stopped, persists: false, awaitsContinue: false))
        case .exchange(let exchange):
            var exchange = exchange.notPersisting
            if exchange.receiving == .body { exchange.receiving = .stopped }
            state = .exchange(exchange)
        case .draining:
            state = .closed
        case .upgraded, .closed:
            break
        }
    }

    /// Lets the response that is due, or the next, be the last (RFC 9112 §9.6); closes when the connection is idle.
    public mutating func closeAfterResponse() {
        closeAfterNextResponse()
        if case .awaiting = state, parser.isUntouched { state = .closed }
    }

    /// Lets the response that is due, or the next, be the last (RFC 9112 §9.6), for a client that may have sent its request
    /// already though nothing of it has arrived.
    public mutating func closeAfterNextResponse() {
        acceptsRequests = false
        switch state {
        case .exchange(let exchange): state = .exchange(exchange.notPersisting)
        case .draining:
            leavesInputUnread = true
            state = .closed
        case .awaiting, .upgraded, .closed: break
        }
    }

    private mutating func receiveHead(in input: Span<UInt8>, from position: inout Int) -> Event? {
        if parser.keepsNothing, let last, last.begins(input.extracting(position...)) {
            position += last.length
            return begin(last.head, last.traits)
        }
        var traits = RequestTraits.unknown
        do throws(HTTPViolation) {
            guard let (line, fields) = try parser.next(in: input, from: &position, limits: limits) else {
                return nil
            }
            traits = RequestTraits(line, fields.bytes.span)
            try traits.take(fields)
            // Nearly all requests are GET, which needs no text to be made.
            let isGet = fields.bytes.span.holds("GET", at: line.method)
            let method = isGet ? "GET" : fields.text(line.method)
            let head = RequestHead(
                method: method, target: fields.text(line.target), version: line.version, fields: fields)
            last = RepeatableHead(head, traits)
            return begin(head, traits)
        } catch {
            return refuse(traits, error)
        }
    }

    private mutating func begin(_ head: RequestHead, _ traits: RequestTraits) -> Event {
        do throws(HTTPViolation) { decoder = try BodyDecoder(traits.body, largest: limits.requestBody) } catch {
            return refuse(traits, error)
        }
        state = .exchange(
            Exchange(
                request: traits, receiving: .body, persists: traits.persists && acceptsRequests,
                awaitsContinue: traits.expectsContinue))
        return .request(head, body: traits.body, expectsContinue: traits.expectsContinue)
    }

    /// A request of which nothing more is read.
    private mutating func refuse(_ traits: RequestTraits, _ violation: HTTPViolation) -> Event {
        self.violation = violation
        state = .exchange(Exchange(request: traits, receiving: .stopped, persists: false, awaitsContinue: false))
        return .failure(violation)
    }

    private mutating func receiveBody(
        of exchange: Exchange, in input: Span<UInt8>, from position: inout Int
    ) -> Event? {
        do throws(HTTPViolation) {
            var exchange = exchange
            switch try decoder.next(in: input, from: &position, limits: limits) {
            case .data(let range):
                if exchange.awaitsContinue {
                    exchange.awaitsContinue = false
                    state = .exchange(exchange)
                }
                return .body(range)
            case .end(let trailers):
                exchange.receiving = .received
                exchange.awaitsContinue = false
                state = .exchange(exchange)
                return .end(trailers: trailers)
            case nil:
                return nil
            }
        } catch {
            fail(error)
            return .failure(error)
        }
    }

    /// Drops what is left of a body whose request was answered; never parsed as a request.
    private mutating func drain(_ input: Span<UInt8>, from position: inout Int) -> HTTPViolation? {
        do throws(HTTPViolation) {
            while case .draining(let allowance) = state,
                let piece = try decoder.next(in: input, from: &position, limits: limits)
            {
                switch piece {
                case .data(let range):
                    state = range.count <= allowance ? .draining(allowance: allowance - range.count) : .closed
                case .end:
                    state = .awaiting
                }
            }
            return nil
        } catch {
            fail(error)
            return error
        }
    }
}

// MARK: - Sending

extension HTTP1ServerConnection {
    /// Sends the head of the response, with the fields that frame its body and tell what becomes of the connection.
    ///
    /// - Parameter date: the moment as an HTTP date, which a server that has a clock sends (RFC 9110 §6.6.1); left out
    ///   where the head has its own.
    /// - Parameter leading: fields in front of the head's own, for every response alike.
    /// - Throws: ``HTTPMisuse`` when head or body are not possible here; then nothing was written and another response
    ///   may be sent.
    public mutating func send(
        _ head: ResponseHead, body: ResponseBody, date: String? = nil, leading: SerializedFields = .none,
        into output: inout [UInt8]
    ) throws(HTTPMisuse) {
        var exchange = try exchangeWithResponseDue()
        guard (200...599).contains(head.status) else { throw .invalidStatus(head.status) }
        try HTTP1Serializer.check(head)
        let index = FieldIndex(head.fields)
        let framing = try ResponseFraming(head, index, body: body, for: exchange.request)
        // RFC 9110 §10.1.1: a client that was not told to go on may or may not send its body, so this is the end.
        if exchange.awaitsContinue || framing.endsWithConnection { exchange.persists = false }
        if index.hasClose { exchange.persists = false }

        HTTP1Serializer.append(
            checked: head, date: index.hasDate ? nil : date, leading: leading,
            except: framing.omitsContentLength ? "content-length" : nil, more: 64 + framing.smallBody, to: &output
        ) { output in
            framing.added?.append(to: &output)
            // RFC 9112 §9.6 and §9.3: an end is announced; to HTTP/1.0 the opposite is.
            if !exchange.persists, !index.hasClose {
                output.append("Connection: close\r\n")
            } else if exchange.persists, exchange.request.version < .http11 {
                output.append("Connection: keep-alive\r\n")
            }
        }
        exchange.response = .begun(framing.pieces)
        state = .exchange(exchange)
    }

    /// Sends a piece of the body, copied into the output.
    public mutating func sendBody(_ piece: Span<UInt8>, into output: inout [UInt8]) throws(HTTPMisuse) {
        switch try announcePiece(of: piece.count, into: &output) {
        case .send:
            output.append(copying: piece)
        case .sendWithLineEnd:
            output.append(copying: piece)
            output.append("\r\n")
        case .drop:
            break
        }
    }

    /// Sends what stands before a piece of the body, and tells what to do with the piece: for large ones, which are
    /// better written as they are than copied.
    public mutating func announcePiece(of count: Int, into output: inout [UInt8]) throws(HTTPMisuse) -> PieceAction {
        var (exchange, pieces) = try exchangeWithResponseBegun()
        switch pieces {
        case .length(let remaining):
            guard count <= remaining else { throw .bodyTooLong }
            exchange.response = .begun(.length(remaining: remaining - count))
            state = .exchange(exchange)
            return .send
        case .chunked:
            // RFC 9112 §7.1: a chunk of size zero would be the last.
            guard count > 0 else { return .drop }
            HTTP1Serializer.append(hexadecimal: count, to: &output)
            output.append("\r\n")
            return .sendWithLineEnd
        case .untilClose:
            return .send
        case .dropped:
            return .drop
        }
    }

    /// Ends the response, and tells what becomes of the connection.
    ///
    /// What is left of the request's body is read and dropped, up to ``HTTPLimits/unreadBody``.
    ///
    /// - Parameter trailers: fields behind a streamed body; dropped where the client cannot have them.
    public mutating func endResponse(
        trailers: HeaderFields = HeaderFields(), into output: inout [UInt8]
    ) throws(HTTPMisuse) -> Persistence {
        let (exchange, pieces) = try exchangeWithResponseBegun()
        switch pieces {
        case .length(remaining: 0):
            guard trailers.count == 0 else { throw .trailersWithoutChunks }
        case .length(let missing):
            // Nothing but the end of the connection can tell the client now (RFC 9112 §8).
            state = .closed
            throw .bodyTooShort(missing: missing)
        case .chunked:
            for name in HeaderFields.forbiddenTrailers where trailers.contains(name) { throw .forbiddenTrailer(name) }
            output.append("0\r\n")
            HTTP1Serializer.append(trailers, to: &output)
            output.append("\r\n")
        case .untilClose, .dropped:
            break
        }
        return finish(exchange)
    }

    /// Sends a whole response.
    ///
    /// - Parameters:
    ///   - date: as above.
    ///   - leading: as above.
    public mutating func send(
        _ head: ResponseHead, wholeBody body: [UInt8], date: String? = nil, leading: SerializedFields = .none,
        into output: inout [UInt8]
    ) throws(HTTPMisuse) -> Persistence {
        try send(head, body: .length(body.count), date: date, leading: leading, into: &output)
        try sendBody(body.span, into: &output)
        return try endResponse(into: &output)
    }

    /// Answers a violation, if a response can still be sent; the connection has to be closed in any case.
    ///
    /// - Parameter date: as above.
    public mutating func sendFailureResponse(
        for violation: HTTPViolation, date: String? = nil, into output: inout [UInt8]
    ) {
        fail(violation)
        let (head, body) = violation.response
        _ = try? send(head, wholeBody: body, date: date, into: &output)
        state = .closed
    }

    /// Lets a client that waits for it send its body (RFC 9110 §10.1.1): call it when the body is wanted.
    ///
    /// Sends nothing when the client does not wait, has begun to send, or has its response.
    public mutating func sendContinue(into output: inout [UInt8]) {
        guard var exchange = try? exchangeWithResponseDue(), exchange.awaitsContinue else { return }
        output.append("HTTP/1.1 100 Continue\r\n\r\n")
        exchange.awaitsContinue = false
        state = .exchange(exchange)
    }

    /// Sends an interim response, such as 103 (Early Hints); nothing to a client of HTTP/1.0 (RFC 9110 §15.2).
    public mutating func sendInterim(_ head: ResponseHead, into output: inout [UInt8]) throws(HTTPMisuse) {
        var exchange = try exchangeWithResponseDue()
        guard (100...199).contains(head.status), head.status != 101 else { throw .invalidStatus(head.status) }
        try FieldIndex(head.fields).checkForNoBody()
        guard exchange.request.version >= .http11 else { return }
        try HTTP1Serializer.append(head, to: &output)
        if head.status == 100 { exchange.awaitsContinue = false }
        state = .exchange(exchange)
    }

    /// Whether ``sendUpgradeResponse(_:into:)`` is possible: a request in HTTP/1.1 that offers it and has no body.
    public var canUpgrade: Bool {
        guard case .exchange(let exchange) = state, case .due = exchange.response else { return false }
        return exchange.request.offersUpgrade && exchange.request.body == .none && exchange.receiving != .stopped
    }

    /// What of an opening handshake the request has that is being answered. Costs nothing: it was found with the framing.
    package var handshakeSigns: HandshakeSigns {
        guard case .exchange(let exchange) = state else { return HandshakeSigns() }
        return exchange.request.handshakeSigns
    }

    /// Switches protocols (RFC 9110 §7.8): all input from now on belongs to the new one, and none of it was taken.
    ///
    /// - Parameters:
    ///   - head: the response with status 101 and the new protocol's fields, Upgrade and Connection among them.
    ///   - date: as above.
    ///   - leading: as above.
    public mutating func sendUpgradeResponse(
        _ head: ResponseHead, date: String? = nil, leading: SerializedFields = .none, into output: inout [UInt8]
    ) throws(HTTPMisuse) {
        _ = try exchangeWithResponseDue()
        guard canUpgrade else { throw .upgradeNotPossible }
        guard head.status == 101 else { throw .invalidStatus(head.status) }
        let index = FieldIndex(head.fields)
        try index.checkForNoBody()
        try HTTP1Serializer.check(head)
        HTTP1Serializer.append(checked: head, date: index.hasDate ? nil : date, leading: leading, to: &output)
        state = .upgraded
    }

    private func exchangeWithResponseDue() throws(HTTPMisuse) -> Exchange {
        guard case .exchange(let exchange) = state, case .due = exchange.response else { throw .noResponseDue }
        return exchange
    }

    private func exchangeWithResponseBegun() throws(HTTPMisuse) -> (Exchange, ResponseFraming.Pieces) {
        guard case .exchange(let exchange) = state, case .begun(let pieces) = exchange.response else {
            throw .noResponseBegun
        }
        return (exchange, pieces)
    }

    private mutating func finish(_ exchange: Exchange) -> Persistence {
        state = stateAfter(exchange)
        leavesInputUnread = isClosed && !exchange.hasReceivedAll(by: decoder)
        return isClosed ? .close : .keepAlive
    }

    private func stateAfter(_ exchange: Exchange) -> State {
        guard exchange.persists else { return .closed }
        if exchange.hasReceivedAll(by: decoder) { return .awaiting }
        return decoder.remaining ?? 0 > limits.unreadBody ? .closed : .draining(allowance: limits.unreadBody)
    }
}

extension HeaderFields {
    /// What frames or routes a message cannot come behind it (RFC 9110 §6.5.1).
    fileprivate static let forbiddenTrailers = ["Content-Length", "Transfer-Encoding", "Host", "Connection", "Trailer"]
}

extension FieldIndex {
    /// RFC 9110 §8.6, RFC 9112 §6.1: a response with a status code below 200 has no field that frames a body.
    fileprivate func checkForNoBody() throws(HTTPMisuse) {
        guard contentLength.count == 0 else { throw .framingField("Content-Length") }
        guard transferEncoding.count == 0 else { throw .framingField("Transfer-Encoding") }
    }
}
