// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// A call of the application for a request (A-HE).
final class HTTPCall: Call {
    private let exchange: HTTPExchange
    private var rest: Rest?

    init(_ exchange: HTTPExchange, host: PythonLoop) {
        self.exchange = exchange
        super.init(host: host)
    }

    deinit {
        // Who is still waited for has nobody to tell.
        exchange.whenReadable(nil)
        exchange.whenWritable(nil)
    }

    override var surroundings: Asyncio.Surroundings { host.host.settings.surroundings }

    override func makeScope() throws(PythonError) -> Owned { try host.scopes.scope(of: exchange) }

    // MARK: - Receiving

    override func next() throws(PythonError) -> Owned? {
        switch exchange.next() {
        case .request(let body, let hasMore):
            let event = try Owned(PyDict_New())
            PyDict_SetItem(event.object, Word.type.object, Word.httpRequest.object)
            if body.isEmpty {
                PyDict_SetItem(event.object, Word.body.object, known.emptyBytes)
            } else {
                let body = try Owned(makeBytes(body.span))
                PyDict_SetItem(event.object, Word.body.object, body.object)
            }
            PyDict_SetItem(event.object, Word.moreBody.object, hasMore ? alicorn_true() : alicorn_false())
            return event
        case .disconnect:
            let event = try Owned(PyDict_New())
            PyDict_SetItem(event.object, Word.type.object, Word.httpDisconnect.object)
            return event
        case nil: return nil
        }
    }

    override func watchReadable() { exchange.whenReadable { [unowned self] in becomeReadable() } }

    // MARK: - Sending

    override func goOn() throws(PythonError) -> Bool {
        try translated { try pump() }
        return exchange.isWritable
    }

    override func watchWritable() { exchange.whenWritable { [unowned self] in becomeWritable() } }

    override func send(_ object: Object) throws(PythonError) {
        let event = try Event(object)
        let type = try EventType.of(event)
        guard !exchange.isDisconnected else { throw raiseDisconnected() }
        try translated {
            switch type {
            case .responseStart: try start(event)
            case .responseBody: try sendBody(event)
            case .responseTrailers:
                try exchange.send(trailers: event.fields(), haveMore: event.flag(.moreTrailers))
                exchange.flush()
            case .earlyHint:
                try exchange.send(earlyHint: links(event))
                exchange.flush()
            case .pathSend: try begin(path: event.text(.path) ?? "")
            case .zeroCopySend: try begin(descriptor: event)
            case .debug: try exchange.debug { "\((try? Self.words(event)) ?? "")" }
            case .webSocketAccept, .webSocketSend, .webSocketClose, .denialStart, .denialBody, nil:
                throw exchange.misuse(try string(of: event.required(.type)))
            }
        }
    }

    /// Raises what Swift throws.
    private func translated(_ body: () throws -> Void) throws(PythonError) {
        do { try body() } catch let error as ASGIMisuse {
            throw raise(error)
        } catch let error as UnreadableFile {
            throw raise(PyExc_OSError, "\(error)")
        } catch {
            throw PythonError()
        }
    }

    private func start(_ event: borrowing Event) throws {
        guard let status = try event.number(.status) else { throw raise(PyExc_TypeError, "'status' must be int.") }
        try exchange.start(
            status: status, fields: try event.fields(), announcesTrailers: try event.flag(.trailers))
    }

    private func sendBody(_ event: borrowing Event) throws {
        let hasMore = try event.flag(.moreBody)
        let body = try event.value(.body) ?? known.emptyBytes!
        let bytes = try BorrowedBytes(body, key: "body")
        try exchange.send(bytes.bytes, hasMore: hasMore) { KeptBytes(body) }
        exchange.flush()
    }

    private func links(_ event: borrowing Event) throws(PythonError) -> [String] {
        var links: [String] = []
        try event.required(.links).forEach { link throws(PythonError) in
            let bytes = try BorrowedBytes(link, key: "link")
            links.append(bytes.bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
        }
        return links
    }

    private static func words(_ event: borrowing Event) throws(PythonError) -> String {
        let words = try Owned(PyObject_Repr(event.required(.info)))
        return try string(of: words.object)
    }

    // MARK: - Files

    /// What of a file is yet to be sent, piece by piece as the client reads.
    private struct Rest {
        let file: OpenFile
        var range: Range<Int>
        let source: BodySource
        /// Whether the response goes on behind it.
        let hasMore: Bool
        /// Whether the descriptor is to stand behind what was sent.
        let movesDescriptor: Bool
    }

    /// How much of a file is in memory at once, in bytes.
    private static let pieceLength = 128 * 1024

    private func begin(descriptor event: borrowing Event) throws {
        let descriptor = PyObject_AsFileDescriptor(try event.required(.file))
        guard descriptor >= 0 else { throw PythonError() }
        let file = try OpenFile(descriptor: descriptor)
        let offset = try event.number(.offset)
        rest = Rest(
            file: file, range: try file.range(from: offset, count: try event.number(.count)), source: .descriptor,
            hasMore: try event.flag(.moreBody), movesDescriptor: offset == nil)
    }

    private func begin(path: String) throws {
        let file = try OpenFile.open(path)
        try exchange.beginFile()
        rest = Rest(file: file, range: 0..<file.size, source: .path, hasMore: false, movesDescriptor: false)
    }

    /// Sends as much of the file as there is room for.
    private func pump() throws {
        while var rest, exchange.isWritable {
            guard !exchange.isDisconnected else { throw raiseDisconnected() }
            let end = min(rest.range.upperBound, rest.range.lowerBound + Self.pieceLength)
            let piece = try rest.file.read(rest.range.lowerBound..<end)
            let isLast = end == rest.range.upperBound
            rest.range = end..<rest.range.upperBound
            self.rest = isLast ? nil : rest
            if isLast, rest.movesDescriptor { try rest.file.seek(to: end) }
            try exchange.send(piece.span, hasMore: rest.hasMore || !isLast, from: rest.source) { OwnedBytes(piece) }
        }
        exchange.flush()
    }

    // MARK: - The end

    override var isDisconnected: Bool { exchange.isDisconnected }

    override func returned() { exchange.applicationReturned() }

    override func failed() { exchange.applicationFailed(nil) }
}

/// The bytes of an object, which is kept while they are written.
final class KeptBytes: SharedBytes, @unchecked Sendable {
    // SAFETY: made, used and freed on the thread that Python runs on, which is the loop's.
    private let object: Object

    /// - Returns: `nil` for an object whose bytes may change.
    init?(_ object: Object) {
        guard object.isA(TYPE_FLAG_BYTES) || object.isA(TYPE_FLAG_STR) else { return nil }
        self.object = Owned(sharing: object).give()
    }

    deinit { Py_DecRef(object) }

    private var memory: UnsafeBufferPointer<UInt8> {
        if object.isA(TYPE_FLAG_STR), let utf8 = try? utf8(of: object) { return utf8 }
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(PyBytes_AsString(object)).assumingMemoryBound(to: UInt8.self),
            count: PyBytes_Size(object))
    }

    var count: Int { memory.count }

    func withBytes(_ body: (Span<UInt8>) -> Void) { body(memory.span) }
}
