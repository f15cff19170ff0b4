// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// Writes one response, event by event: that of a request, or the denial of a handshake (A-EX-01).
///
/// The head waits for what follows it (A-HE-03), so that an application that fails in between is answered with 500. Confined
/// to the connection's loop. Whoever has it has the connection too, and lends it: references of its own would have to be
/// counted for each request.
struct ResponseWriter: ~Copyable {
    private let names: ResponseOrder.Names
    private var order: ResponseOrder
    /// Whether the head waits for the first piece of the body.
    private var isHeadHeld = false
    private var trailers: HeaderFields?
    /// The head as the application gave it; of no status before.
    private(set) var head = ResponseHead(status: 0, reason: "")
    /// Bytes of the body, as the application gave them.
    private(set) var bodyBytes = 0

    init(_ names: ResponseOrder.Names) {
        self.names = names
        order = ResponseOrder(names)
    }

    /// Whether the client has got nothing of it: it can still be another.
    var isUnsent: Bool { order.isDue || isHeadHeld }
    /// Whether the application has yet to begin.
    var isDue: Bool { order.isDue }
    var hasEnded: Bool { order.hasEnded }

    mutating func start(_ status: Int, _ fields: consuming HeaderFields, announcesTrailers: Bool) throws(ASGIMisuse) {
        // A-HR-03: how a body is framed is the server's to decide.
        if fields.has("transfer-encoding") { fields.remove("transfer-encoding") }
        try order.start(announcesTrailers: announcesTrailers)
        head = ResponseHead(status: status, fields: fields)
        isHeadHeld = true
    }

    /// What a piece of the body is of its response.
    struct Piece {
        /// Whether the head went out with it.
        var isFirst: Bool
        /// Whether the response ends with it: ``finish()`` is due, with which the next request may begin.
        var isLast: Bool
    }

    /// - Parameter defaultFields: what goes in front of the head's own fields.
    mutating func body(
        _ bytes: Span<UInt8>, hasMore: Bool, from source: BodySource = .application, on driver: HTTPServerDriver,
        defaultFields: (borrowing HeaderFields) -> SerializedFields, owner: () -> (any SharedBytes)? = { nil }
    ) throws(ASGIMisuse) -> Piece {
        let isFirst = isHeadHeld
        let isLast = try order.body(hasMore: hasMore, from: source)
        try sendHead(on: driver, defaultFields)
        bodyBytes &+= bytes.count
        do throws(HTTPMisuse) {
            if bytes.count > 0 { try driver.sendBody(bytes, owner: owner) }
        } catch {
            throw breakOff(error, on: driver)
        }
        return Piece(isFirst: isFirst, isLast: isLast)
    }

    /// Ends the response.
    mutating func finish(on driver: HTTPServerDriver) throws(ASGIMisuse) {
        do throws(HTTPMisuse) { try driver.endResponse(trailers: trailers ?? HeaderFields()) } catch {
            throw breakOff(error, on: driver)
        }
    }

    /// Makes a file the body; its bytes follow.
    mutating func file() throws(ASGIMisuse) { try order.file() }

    /// Checks that what is for tests to see is due.
    func debug() throws(ASGIMisuse) { try order.debug() }

    /// - Parameter request: where the client says whether it takes trailers (A-EX-06).
    /// - Returns: whether ``finish()`` is due.
    mutating func trailers(
        _ fields: HeaderFields, haveMore: Bool, to request: RequestHead
    ) throws(ASGIMisuse) -> Bool {
        let isLast = try order.trailers(haveMore: haveMore)
        if request.fields.containsToken("trailers", in: "TE") {
            var trailers = trailers ?? HeaderFields()
            for index in 0..<fields.count {
                let field = fields[index]
                do { try trailers.append(name: field.name, value: field.value) } catch { throw .header(error) }
            }
            self.trailers = trailers
        }
        return isLast
    }

    /// Sends 103 with `links` (RFC 8297); nothing once the head is out.
    func earlyHint(_ links: [String], on driver: HTTPServerDriver) throws(ASGIMisuse) {
        try order.earlyHint()
        guard isUnsent, !links.isEmpty else { return }
        var fields = HeaderFields()
        do throws(InvalidHeaderField) {
            for link in links { try fields.append(name: "link", value: link) }
        } catch { throw .header(error) }
        do throws(HTTPMisuse) { try driver.sendInterim(ResponseHead(status: 103, fields: fields)) } catch {
            throw .response(error)
        }
    }

    /// A head that cannot be sent is none: the application may give another.
    private mutating func sendHead(
        on driver: HTTPServerDriver, _ defaultFields: (borrowing HeaderFields) -> SerializedFields
    ) throws(ASGIMisuse) {
        guard isHeadHeld else { return }
        isHeadHeld = false
        do throws(HTTPMisuse) {
            try driver.sendHead(head, body: .streamed, leading: defaultFields(head.fields))
        } catch {
            order = ResponseOrder(names)
            throw .response(error)
        }
    }

    /// What had begun and cannot go on is cut off, for the client to see.
    private func breakOff(_ misuse: HTTPMisuse, on driver: HTTPServerDriver) -> ASGIMisuse {
        driver.breakResponse()
        return .response(misuse)
    }
}
