// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornMetrics
import AlicornProtocol
import AlicornTransport
import CPython

/// A call of the application for a WebSocket connection (A-WE).
final class WebSocketCall: CallState, Call {
    private let opening: WebSocketOpening
    private let recipient = Recipient()
    @exclusivity(unchecked) private var connection: WebSocketDriver?
    @exclusivity(unchecked) private var messages: ReceivedMessages?
    private var hasToldOfConnect = false
    private var hasClosed = false
    private var hasRefused = false
    private var hasClientGone = false

    init(_ opening: WebSocketOpening, host: PythonLoop) {
        self.opening = opening
        super.init(host: host)
    }

    deinit {
        // Who is still waited for has nobody to tell.
        opening.whenOver(nil)
        opening.whenWritable(nil)
        messages?.whenReadable = nil
        messages?.whenOver = nil
        messages?.whenWritable = nil
        recipient.end()
    }

    var surroundings: Asyncio.Surroundings { .server }

    func makeScope() throws(PythonError) -> Owned {
        let named = try recipient.makeObject()
        return try host.scopes.scope(of: opening, connection: named.object)
    }

    // MARK: - Receiving

    func next() throws(PythonError) -> Owned? {
        if let messages {
            if let message = messages.next() { return try Self.event(of: message) }
            guard messages.haveEnded else { return nil }
            return try disconnect(
                WebSocketDisconnect(
                    connection?.closure ?? Closure(cause: .connectionLost),
                    lossIsWithoutCode: host.host.settings.lossIsWithoutCode))
        }
        if !hasToldOfConnect {
            hasToldOfConnect = true
            return try makeEvent(.webSocketConnect)
        }
        return opening.isOver ? try disconnect(.unopened) : nil
    }

    /// Only the key that fits is there (U-WS-31).
    private static func event(of message: consuming Owned) throws(PythonError) -> Owned {
        let event = try makeEvent(.webSocketReceive)
        try event.object.set(message.object.isA(TYPE_FLAG_STR) ? .text : .bytes, message.object)
        return event
    }

    private func disconnect(_ end: WebSocketDisconnect) throws(PythonError) -> Owned {
        let event = try makeEvent(.webSocketDisconnect)
        try event.object.set(.code, Owned(PyLong_FromLongLong(Int64(end.code))))
        try event.object.set(.reason, Owned(makeText(end.reason)))
        return event
    }

    func watchReadable() {
        // Accepting ends the wait, too: what comes then are messages, which tell of themselves.
        if messages == nil {
            opening.whenOver { [unowned self] in
                if opening.isOver { clientIsGone() }
                becomeReadable()
            }
        }
    }

    func watchClient() { watchReadable() }

    /// It hears of that where it waits; what else it does is cancelled, if that is wished.
    private func clientIsGone() {
        guard !hasClientGone else { return }
        hasClientGone = true
        guard host.cancelsOnDisconnect, !isAwaited, !hasClosed, !hasRefused, !host.isLeaving else { return }
        cancel(because: host.host.settings.goneMessage.object)
    }

    // MARK: - Sending

    func goOn() throws(PythonError) -> Progress {
        // Nobody waits for room on a connection that is gone: the next event tells.
        let isWritable = connection.map { $0.isWritable || $0.closure != nil } ?? opening.isWritable
        return isWritable ? .done : .blocked
    }

    func watchWritable() {
        if messages == nil { opening.whenWritable { [unowned self] in becomeWritable() } }
    }

    func send(_ object: Object) throws(PythonError) {
        let event = try Event(object)
        let type = try EventType.of(event)
        try translated {
            if let connection { try send(event, type, on: connection) } else { try answer(event, type) }
        }
    }

    private func send(_ event: borrowing Event, _ type: EventType?, on connection: WebSocketDriver) throws {
        guard !hasClosed else { throw ASGIMisuse.afterClose(try string(of: event.required(.type))) }
        switch type {
        case .webSocketSend:
            guard connection.allowsSending else { throw raiseDisconnected() }
            try sendMessage(event, on: connection)
        case .webSocketClose:
            guard connection.closure == nil else { throw raiseDisconnected() }
            let code = try event.number(.code) ?? 1000
            let frame = CloseFrame(
                CloseCode(rawValue: UInt16(clamping: code)), reason: try event.text(.reason) ?? "")
            hasClosed = true
            do throws(ProtocolMisuse) { try connection.close(frame) } catch {
                hasClosed = false
                throw ASGIMisuse.webSocket(error)
            }
        case .webSocketBroadcast: try broadcast(event)
        default:
            throw ASGIMisuse.unexpected(
                try string(of: event.required(.type)), expected: ["websocket.send", "websocket.close"])
        }
    }

    private func sendMessage(_ event: borrowing Event, on connection: WebSocketDriver) throws {
        if let data = try event.given(.bytes) {
            let bytes = try BorrowedBytes(data, key: "bytes")
            try send(bytes.bytes, as: .binary, of: data, on: connection)
        } else if let data = try event.given(.text) {
            guard data.isA(TYPE_FLAG_STR) else {
                throw raise(PyExc_TypeError, "'text' must be str, not \(typeName(of: data)).")
            }
            try send(utf8(of: data).span, as: .text, of: data, on: connection)
        }
        // While more has come for the application, its answers go out together.
        if messages?.isEmpty != false { connection.flush() }
    }

    private func broadcast(_ event: borrowing Event) throws(PythonError) {
        let connections = try event.required(.connections)
        if let bytes = try event.given(.bytes) {
            try Broadcast.send(bytes, to: connections)
        } else {
            try Broadcast.send(event.required(.text), to: connections)
        }
    }

    private func send(
        _ bytes: Span<UInt8>, as kind: MessageKind, of data: Object, on connection: WebSocketDriver
    ) throws(ASGIMisuse) {
        do throws(ProtocolMisuse) {
            try connection.send(bytes, as: kind, compression: .automatic) { KeptBytes(data) }
        } catch { throw .webSocket(error) }
    }

    // MARK: - The handshake

    private func answer(_ event: borrowing Event, _ type: EventType?) throws {
        switch type {
        case .webSocketAccept: try accept(event)
        case .webSocketClose:
            try opening.refuse()
            hasRefused = true
        case .denialStart:
            try opening.deny(status: event.status(), fields: event.fields())
            hasRefused = true
        case .denialBody:
            let body = try BorrowedBytes(event.value(.body) ?? known.emptyBytes!, key: "body")
            try opening.deny(body.bytes, hasMore: try event.flag(.moreBody))
        default: throw opening.misuse(try string(of: event.required(.type)))
        }
    }

    private func accept(_ event: borrowing Event) throws {
        // Of a client that went before, the application hears when it receives (U-WS-09).
        if opening.isOver, !hasRefused { return }
        let fields = try event.fields()
        var given: [HeaderField] = []
        for index in 0..<fields.count { given.append(fields[index]) }
        let settings = host.host.settings
        try opening.accept(subprotocol: try event.text(.subprotocol), fields: given) { handshake in
            let core = WebSocketProtocol(
                role: .server, configuration: settings.webSocket.limits, transform: handshake.transform,
                now: handshake.transport.loop.now, randomWord: WebSocketProtocol.systemRandomWord)
            settings.metrics?.connections?.didFinishHandshake(.accepted)
            let driver = WebSocketDriver(
                core: core, transport: handshake.transport, writeTimeout: settings.webSocket.writeTimeout,
                maximumUnsent: settings.webSocket.maximumUnsentBytes,
                observer: settings.metrics?.observer(on: handshake.transport.loop)
            ) { driver in
                let messages = ReceivedMessages(driver, settings.webSocket, host.log)
                messages.whenReadable = { [unowned self] in becomeReadable() }
                messages.whenOver = { [unowned self] in clientIsGone() }
                messages.whenWritable = { [unowned self] in becomeWritable() }
                self.messages = messages
                return messages
            }
            connection = driver
            recipient.open(driver, host: host)
            return driver
        }
    }

    // MARK: - The end

    var isDisconnected: Bool { connection.map { $0.closure != nil } ?? opening.isOver }

    func returned() {
        // That was all it had to say (P-14).
        try? connection?.close(CloseFrame(.normalClosure))
        opening.applicationReturned()
    }

    func failed() {
        try? connection?.close(CloseFrame(.internalError), because: .applicationFailed)
        opening.applicationFailed(nil)
    }
}
