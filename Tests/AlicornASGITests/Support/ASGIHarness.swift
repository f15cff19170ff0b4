// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Synchronization

/// A server of an application that does what a test says, on a connection in memory and in virtual time.
final class ASGIHarness {
    let loop = VirtualLoop()
    let transport: MemoryTransport
    let log = NotedLog()
    let host = ScriptedHost()
    private(set) var server: ASGIServer!

    convenience init() { self.init { _ in } }

    init<Failure: Error>(
        _ configure: (inout ASGIConfiguration) throws(Failure) -> Void
    ) throws(Failure) {
        transport = MemoryTransport(loop: loop)
        transport.remoteEndpoint = .ipv4(UInt32(0x7F00_0001).bigEndian, port: 50_000)
        transport.localEndpoint = .ipv4(UInt32(0x7F00_0001).bigEndian, port: 8000)
        var configuration = ASGIConfiguration()
        configuration.defaultFields = DefaultFields(server: nil, hasDate: false)
        try configure(&configuration)
        server = ASGIServer(configuration, log: log, host: host)
        loop.perform { transport.setDriver(server.accept(transport)) }
    }

    deinit { loop.perform { transport.fail(nil) } }

    func receive(_ text: String) { loop.perform { transport.deliver(Array(text.utf8)) } }
    func receiveEOF() { loop.perform { transport.deliverEOF() } }
    func lose() { loop.perform { transport.fail("Connection reset by peer") } }
    func advance(_ seconds: Double) { loop.advance(by: .seconds(seconds)) }

    /// Does something as an application would, on the loop.
    func act<Result>(_ body: () throws -> Result) rethrows -> Result { try loop.perform(body) }

    /// What was sent, as text.
    var sent: String { String(decoding: transport.taken, as: UTF8.self) }

    /// Sends a request without a body.
    func get(_ target: String = "/", _ fields: String = "") {
        receive("GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    }

    /// Sends a right opening handshake.
    func open(_ target: String = "/", _ fields: String = "") {
        get(
            target,
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields)
    }
}

/// An application that notes what it is called with, and otherwise does what it is told to.
final class ScriptedHost: ApplicationHost, ApplicationLoop {
    // Touched in tests on one thread only.
    nonisolated(unsafe) var exchanges: [HTTPExchange] = []
    nonisolated(unsafe) var openings: [WebSocketOpening] = []
    /// What an application does as soon as it is called.
    nonisolated(unsafe) var onServe: (HTTPExchange) -> Void = { _ in }

    func makeLoop(_ loop: ConnectionLoop) -> any ApplicationLoop { self }

    func serve(_ exchange: HTTPExchange) {
        exchanges.append(exchange)
        onServe(exchange)
    }
    func serve(_ opening: WebSocketOpening) { openings.append(opening) }
    func leave() {}
}

/// A log that keeps its lines.
final class NotedLog: ServerLog {
    private let noted = Mutex<[String]>([])
    private let records = Mutex<[AccessRecord]>([])

    var lines: [String] { noted.withLock { $0 } }
    var access: [AccessRecord] { records.withLock { $0 } }
    var level: ServerLogLevel { .debug }
    var writesAccess: Bool { true }

    func write(_ level: ServerLogLevel, _ message: String) { noted.withLock { $0.append("\(level): \(message)") } }
    func write(access record: AccessRecord) { records.withLock { $0.append(record) } }
}

extension HeaderFields {
    init(_ fields: KeyValuePairs<String, String>) throws(InvalidHeaderField) {
        self.init()
        for (name, value) in fields { try append(name: name, value: value) }
    }
}
