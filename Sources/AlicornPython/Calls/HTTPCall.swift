// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// A call of the application for a request (A-HE).
final class HTTPCall: CallState, Call {
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

    var surroundings: Asyncio.Surroundings { host.host.settings.surroundings }

    var application: Object {
        host.host.settings.metricsPage(for: exchange.scope.path) ?? host.host.application.object
    }

    func makeScope() throws(PythonError) -> Owned { try host.scopes.scope(of: exchange) }

    // MARK: - Receiving

    func next() throws(PythonError) -> Owned? {
        switch exchange.next() {
        case .request(let body, let hasMore):
            let event = try makeEvent(.httpRequest)
            if body.isEmpty {
                try event.object.set(.body, known.emptyBytes!)
            } else {
                try event.object.set(.body, Owned(makeBytes(body.span)))
            }
            try event.object.set(.moreBody, hasMore ? alicorn_true() : alicorn_false())
            return event
        case .disconnect: return try makeEvent(.httpDisconnect)
        case nil: return nil
        }
    }

    func watchReadable() { exchange.whenReadable { [unowned self] in changed() } }

    private func changed() {
        let hearsOfIt = isAwaited
        becomeReadable()
        guard host.cancelsOnDisconnect else { return }
        if !exchange.isAbandoned {
            watchClient()
        } else if !hearsOfIt {
            cancel(because: host.host.settings.goneMessage.object)
        }
    }

    func watchClient() { watchReadable() }

    // MARK: - Sending

    func goOn() throws(PythonError) -> Progress {
        try translated { try pump() }
        guard exchange.isWritable else { return .blocked }
        return rest == nil ? .done : .unfinished
    }

    func watchWritable() { exchange.whenWritable { [unowned self] in becomeWritable() } }

    func send(_ object: Object) throws(PythonError) {
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
            case .webSocketAccept, .webSocketSend, .webSocketClose, .webSocketBroadcast, .denialStart, .denialBody, nil:
                throw exchange.misuse(try string(of: event.required(.type)))
            }
        }
    }

    private func start(_ event: borrowing Event) throws {
        try exchange.start(
            status: event.status(), fields: event.fields(), announcesTrailers: event.flag(.trailers))
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

    /// How many pieces are read before others have a turn.
    private static let piecesInARow = 8

    /// Sends some of the file, as far as there is room.
    private func pump() throws {
        guard rest != nil else { return }
        for _ in 0..<Self.piecesInARow {
            guard var rest, exchange.isWritable else { break }
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

    var isDisconnected: Bool { exchange.isDisconnected }

    func returned() { exchange.applicationReturned() }

    func failed() { exchange.applicationFailed(nil) }
}
