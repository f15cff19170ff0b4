// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Stands between a connection's transport and its driver, and writes what passes to a log: heads line by line, and
/// frames, decompressed, each as one line of bounded length (LOG-05 to LOG-08).
///
/// Confined to the connection's loop.
package final class WireLog {
    private let transport: any ConnectionTransport
    private var driver: (any ConnectionDriver)?
    private let role: Role
    private let writeLine: (String) -> Void
    private var conversation: WireConversation
    private var stage = Stage.opening

    private enum Stage: String {
        case opening = "OPENING"
        case open = "OPEN"
        case closing = "CLOSING"
        case closed = "CLOSED"
    }

    /// - Parameter writeLine: is told each line, as long as there is the connection.
    private init(
        _ transport: any ConnectionTransport, _ role: Role, _ limits: ProtocolConfiguration,
        _ writeLine: @escaping (String) -> Void
    ) {
        self.transport = transport
        self.role = role
        self.writeLine = writeLine
        conversation = WireConversation(role: role, maximumMessageSize: limits.maximumMessageSize ?? .max)
    }

    /// Makes a connection's driver, with the log before it.
    package static func makeDriver(
        on transport: any ConnectionTransport, as role: Role, limits: ProtocolConfiguration,
        writingTo writeLine: @escaping (String) -> Void,
        _ make: (any ConnectionTransport) -> any ConnectionDriver
    ) -> any ConnectionDriver {
        let log = WireLog(transport, role, limits, writeLine)
        log.driver = make(log)
        return log
    }

    private func enter(_ stage: Stage) {
        guard stage != self.stage else { return }
        self.stage = stage
        write(.state, "connection is \(stage.rawValue)")
    }

    private func note(_ event: WireEvent, from side: Role) {
        let mark = side == role ? WireMark.sent : .received
        switch event {
        case .text(let text): write(mark, text)
        case .opened: enter(.open)
        case .fault(let text): write(.fault, text)
        case .frame(let opcode, let payload, let line):
            write(mark, line)
            note(opcode, payload, mark)
        }
    }

    private func note(_ opcode: Opcode, _ payload: [UInt8], _ mark: WireMark) {
        switch (opcode, mark) {
        case (.close, _): enter(.closing)
        case (.ping, .sent) where isKeepalive(payload): write(.keepalive, "sent keepalive ping")
        case (.pong, .received) where isKeepalive(payload): write(.keepalive, "received keepalive pong")
        default: break
        }
    }

    private func write(_ mark: WireMark, _ text: String) { writeLine("\(mark.rawValue) \(text)") }

    private func isKeepalive(_ payload: [UInt8]) -> Bool {
        (driver as? WebSocketDriver)?.awaitsKeepalive(payload) ?? false
    }

    /// The connection is over: says what kept it from ending well, before anybody else hears of it.
    ///
    /// - Parameter loss: what has happened to TCP, when that is what ends it.
    private func end(_ loss: String?) {
        guard stage != .closed else { return }
        if let closure = (driver as? WebSocketDriver)?.closure {
            if let mark = closure.mark { write(mark, "\(closure)") }
        } else if let loss {
            write(.fault, loss)
        }
        enter(.closed)
    }
}

extension Closure {
    /// How the cause is marked; `nil` for those that need no line of their own.
    fileprivate var mark: WireMark? {
        switch cause {
        case .keepaliveTimeout, .writeTimeout: .timeout
        case .violation, .tooMuchUnsent, .connectionLost, .transportFailed, .applicationFailed: .fault
        case .closedLocally, .shutdown, .cutLocally, .closedByPeer: timedOut ? .timeout : nil
        }
    }
}

extension WireLog: ConnectionDriver {
    package func receive(_ input: inout MutableSpan<UInt8>) {
        conversation.received(input.span) { note($0, from: $1) }
        driver?.receive(&input)
    }

    /// Memory that the log can see; but what nobody wants the engine need not read.
    package var readPlace: ReadPlace {
        if case .nowhere = driver?.readPlace { .nowhere } else { .shared(atMost: .max) }
    }

    package func receiveEOF() {
        write(.received, "EOF")
        driver?.receiveEOF()
    }

    package func transportClosed(reason: String?) {
        end(reason ?? "TCP ended")
        driver?.transportClosed(reason: reason)
        driver = nil
    }

    package func writabilityChanged() { driver?.writabilityChanged() }
}

extension WireLog: ConnectionTransport {
    package var loop: ConnectionLoop { transport.loop }
    package var serial: UInt64 { transport.serial }
    package var carrier: any ConnectionTransport { transport.carrier }
    package var isWritable: Bool { transport.isWritable }
    package var unsentBytes: Int { transport.unsentBytes }
    package var localEndpoint: SocketEndpoint {
        get { transport.localEndpoint }
        set { transport.localEndpoint = newValue }
    }
    package var remoteEndpoint: SocketEndpoint {
        get { transport.remoteEndpoint }
        set { transport.remoteEndpoint = newValue }
    }

    package func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        conversation.sent(head) { note($0, from: $1) }
        conversation.sent(body) { note($0, from: $1) }
        transport.write(head, body, owner: owner)
    }

    package func pauseReading() { transport.pauseReading() }
    package func resumeReading() { transport.resumeReading() }

    package func finishWriting() {
        noteEnd("half-closing")
        transport.finishWriting()
    }

    package func close() {
        noteEnd("closing")
        end(nil)
        transport.close()
    }

    package func abort() {
        noteEnd("cutting")
        end(nil)
        transport.abort()
    }

    /// What is over is not ended again: an engine may tell of the end before the driver has done its part.
    private func noteEnd(_ what: String) { if stage != .closed { write(.end, "\(what) TCP connection") } }

    package func setDriver(_ driver: any ConnectionDriver) { self.driver = driver }
}
