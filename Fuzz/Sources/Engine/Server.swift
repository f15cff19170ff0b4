// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import EngineUnderFuzz
import FuzzDriver

/// Serves pages, opens WebSocket connections, and echoes on them, with the drivers that the library has.
final class Server: RequestResponder {
    private let handshake: ServerHandshake
    private let reads: Int
    private var live: [ObjectIdentifier: Member] = [:]
    private var transports: [Weak] = []

    private enum Member {
        case http(HTTPServerDriver)
        case webSocket(WebSocketDriver, Echo)
    }

    private struct Weak {
        weak var transport: NativeConnection?
    }

    /// Unsent bytes at which a connection is cut.
    private static let maximumUnsent = 1 << 18

    init(_ options: (UInt8, UInt8)) {
        // So many messages are taken before the application pauses.
        reads = Int(options.1 & 7) == 0 ? .max : Int(options.1 & 7)
        do { handshake = try ServerHandshake() } catch { fatalError("\(error)") }
    }

    /// Whether nobody has a driver or a transport any more.
    var isEmpty: Bool { live.isEmpty }
    var areTransportsGone: Bool { transports.allSatisfy { $0.transport == nil } }

    func accept(_ transport: NativeConnection) -> any ConnectionDriver {
        transports.removeAll { $0.transport == nil }
        transports.append(Weak(transport: transport))
        let driver = HTTPServerDriver(
            transport: transport, limits: HTTPLimits(),
            times: HTTPServerTimes(open: .seconds(10), idle: .seconds(5), linger: .seconds(2)),
            bodies: .readOver, responder: self)
        live[ObjectIdentifier(driver)] = .http(driver)
        return driver
    }

    // MARK: - Requests

    func receive(_ request: RequestHead, body: ReceivedBody, from driver: HTTPServerDriver) {
        switch handshake.evaluate(request, announcesBody: body != .none) {
        case .accepted(let acceptance):
            guard let response = try? acceptance.response() else {
                fatalError("broken: an accepted handshake has an answer")
            }
            driver.upgrade(response) {
                live[ObjectIdentifier(driver)] = nil
                return open(driver.transport)
            }
        case .refused(let refusal): driver.respond(refusal.response, body: refusal.body)
        case .notAnUpgrade:
            driver.respond(
                ResponseHead(status: 200), body: [UInt8](repeating: 0x61, count: request.target.utf8.count * 64))
        }
    }

    private func open(_ transport: any ConnectionTransport) -> WebSocketDriver {
        var configuration = ProtocolConfiguration()
        configuration.maximumMessageSize = 20_000
        let core = WebSocketProtocol(
            role: .server, configuration: configuration, now: transport.loop.now, randomWord: { 0 })
        let echo = Echo(reads: reads)
        let driver = WebSocketDriver(
            core: core, transport: transport, writeTimeout: .seconds(10), maximumUnsent: Self.maximumUnsent,
            makeSink: { _ in echo })
        let key = ObjectIdentifier(driver)
        echo.driver = driver
        echo.whenClosed = { [weak self] in self?.live[key] = nil }
        live[key] = .webSocket(driver, echo)
        return driver
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer { FinalAnswer(violation) }
    func closed(_ driver: HTTPServerDriver) { live[ObjectIdentifier(driver)] = nil }

    // MARK: - The application

    /// Does one of several things to all connections.
    func act(_ choice: Int) {
        for member in live.values {
            switch (member, choice & 7) {
            case (.webSocket(_, let echo), 0...2): echo.send(count: choice * 64)
            case (.webSocket(let driver, _), 3): try? driver.close(CloseFrame(.goingAway))
            case (.webSocket(let driver, _), 4): driver.abort()
            case (.webSocket(_, let echo), 5): echo.goOn()
            case (.webSocket(let driver, _), 6): _ = try? driver.ping(nil)
            case (.http(let driver), 3): driver.closeAfterResponse()
            case (.http(let driver), 4): driver.abort()
            case (.http, _), (.webSocket, _): break
            }
        }
    }

    func cutAll() {
        for member in live.values {
            switch member {
            case .http(let driver): driver.abort()
            case .webSocket(let driver, _): driver.abort()
            }
        }
    }

    func checkBounds() {
        for entry in transports {
            // One message may be above the limit, and what waits to be flushed.
            check((entry.transport?.unsentBytes ?? 0) <= Self.maximumUnsent + 128 * 1024, "what is unsent is bounded")
        }
    }
}

/// Sends every message back, or pauses when it has had enough.
private final class Echo: MessageSink {
    weak var driver: WebSocketDriver?
    var whenClosed: () -> Void = {}
    private var partial: [UInt8] = []
    private var left: Int
    private let reads: Int

    init(reads: Int) {
        self.reads = reads
        left = reads
    }

    var isReady: Bool { left > 0 }

    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        for index in bytes.indices { partial.append(bytes[index]) }
        receiveFilled(piece)
    }

    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        partial.append(addingCapacity: announced) { span in
            span.withUnsafeMutableBufferPointer { memory, count in count = body(memory) }
        }
    }

    func receiveFilled(_ piece: MessagePiece) {
        guard piece.endsMessage else { return }
        left -= 1
        var whole: [UInt8] = []
        swap(&whole, &partial)
        try? driver?.send(whole.span, as: piece.kind, compression: .never)
    }

    /// By one half of the cases as bytes that have an owner.
    func send(count: Int) {
        let bytes = [UInt8](repeating: 7, count: count)
        try? driver?.send(
            bytes.span, as: .binary, compression: .never, owner: { count & 64 == 0 ? nil : Shared(bytes) })
    }

    func goOn() {
        left = reads
        driver?.resumeReceiving()
    }

    func receivedAll() { driver?.didDeliver() }
    func receivedPong() {}
    func mayResumeSending() {}
    func closed(_ closure: Closure) { whenClosed() }
}

private final class Shared: SharedBytes {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var count: Int { bytes.count }
    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let bytes = bytes
        body(bytes.span)
    }
}
