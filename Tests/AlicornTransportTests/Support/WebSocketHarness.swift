// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport

/// A driver between a scripted transport and a sink that notes what it gets.
final class WebSocketHarness {
    let loop = VirtualLoop()
    let transport: MemoryTransport
    let sink = NotingSink()
    private(set) var driver: WebSocketDriver!
    private let peer: Role

    init(
        _ role: Role = .server, writeTimeout: Duration = .seconds(30), maximumUnsent: Int = 1 << 20,
        observedBy endpoint: (any EndpointObserver)? = nil, _ change: (inout ProtocolConfiguration) -> Void = { _ in }
    ) {
        var configuration = ProtocolConfiguration()
        change(&configuration)
        transport = MemoryTransport(loop: loop)
        peer = role == .server ? .client : .server
        let core = WebSocketProtocol(
            role: role, configuration: configuration, now: loop.now, randomWord: { 0 })
        driver = WebSocketDriver(
            core: core, transport: transport, writeTimeout: writeTimeout, maximumUnsent: maximumUnsent,
            observer: endpoint.map { LoopObserver(endpoint: $0, loop: transport.loop) }, makeSink: { _ in sink })
        sink.driver = driver
        transport.setDriver(driver)
    }

    /// Connection and driver hold each other until the connection ends, as with every engine.
    deinit { loop.perform { transport.fail(nil) } }

    /// Frames come from the peer, in one read.
    func receive(_ frames: [UInt8]...) { loop.perform { transport.deliver(frames.flatMap { $0 }) } }

    /// Does something as the application, on the loop.
    func act<Result>(_ body: (WebSocketDriver) throws -> Result) rethrows -> Result {
        try loop.perform { try body(driver) }
    }

    func send(_ bytes: [UInt8]) throws {
        try act { driver throws in try driver.send(bytes.span, as: .binary, compression: .never) }
    }

    func receiveEOF() { loop.perform { transport.deliverEOF() } }

    func advance(_ seconds: Double) { loop.advance(by: .seconds(seconds)) }

    /// A frame as the peer sends it.
    func frame(_ opcode: Opcode, _ payload: [UInt8] = [], fin: Bool = true) -> [UInt8] {
        wireFrame(opcode, payload, fin: fin, from: peer)
    }

    func text(_ text: String) -> [UInt8] { frame(.text, Array(text.utf8)) }

    func close(_ code: CloseCode) -> [UInt8] { wireClose(CloseFrame(code), from: peer) }

    /// Lets go of the driver as the application does.
    func forget() { driver = nil }
}

/// A frame on the wire; a client's is masked with a key of zeros.
func wireFrame(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true, from sender: Role) -> [UInt8] {
    var bytes: [UInt8] = []
    let key: MaskingKey? = sender == .client ? MaskingKey(0) : nil
    FrameHeader(opcode: opcode, fin: fin, rsv1: false, payloadLength: payload.count, maskingKey: key)
        .encode(into: &bytes)
    return bytes + payload
}

/// A close frame on the wire (RFC 6455 §5.5.1).
func wireClose(_ frame: CloseFrame, from sender: Role) -> [UInt8] {
    let code = frame.code.rawValue
    return wireFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(frame.reason.utf8), from: sender)
}

/// A sink that notes everything, and takes messages as it is told.
final class NotingSink: MessageSink {
    weak var driver: WebSocketDriver?
    private(set) var messages: [[UInt8]] = []
    private var partial: [UInt8] = []
    var isReady = true
    /// How many messages it takes before it is not ready.
    var room: Int?
    /// Whether it has taken all that came before the end at once.
    var deliversAtOnce = true
    private(set) var hasReceivedAll = 0
    private(set) var pongs = 0
    private(set) var resumptions = 0
    private(set) var closures: [Closure] = []
    var received: ([UInt8]) -> Void = { _ in }

    var texts: [String] { messages.map { String(decoding: $0, as: UTF8.self) } }

    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        for index in 0..<bytes.count { partial.append(bytes[index]) }
        receiveFilled(piece)
    }

    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        partial.append(addingCapacity: announced) { span in
            span.withUnsafeMutableBufferPointer { memory, count in
                memory.initialize(repeating: 0)
                count = body(memory)
            }
        }
    }

    /// Whether it lends memory for input, and how much it did, each time.
    var lendsInput = false
    private(set) var lent: [Int] = []

    func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        lent.append(count)
        var memory = [UInt8](repeating: 0, count: count)
        memory.withUnsafeMutableBufferPointer { body($0) }
    }

    func receiveFilled(_ piece: MessagePiece) {
        guard piece.endsMessage else { return }
        let message = partial
        partial = []
        messages.append(message)
        if let room { isReady = messages.count < room }
        received(message)
    }

    func receivedAll() {
        hasReceivedAll += 1
        if deliversAtOnce { driver?.didDeliver() }
    }

    func receivedPong() { pongs += 1 }
    func mayResumeSending() { resumptions += 1 }
    func closed(_ closure: Closure) { closures.append(closure) }

    /// Is ready for so many more.
    func take(_ count: Int) {
        room = messages.count + count
        isReady = true
        driver?.resumeReceiving()
    }
}

/// Bytes that somebody else owns.
final class SharedArray: SharedBytes {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    var count: Int { bytes.count }
    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let bytes = bytes
        body(bytes.span)
    }
}
