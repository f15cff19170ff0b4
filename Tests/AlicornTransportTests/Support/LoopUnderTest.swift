// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import Testing

@testable import AlicornTransport

/// A native loop that the test turns, on its own thread.
final class LoopUnderTest {
    let host: NativeLoop
    let loop: ConnectionLoop

    private var connections: [() -> PlainDriver?] = []

    init() throws { (host, loop) = try NativeLoop.make() }

    /// Connection and driver hold each other until the connection ends.
    deinit {
        for driver in connections.compactMap({ $0() }) {
            driver.onReceive = { _ in }
            driver.onEnd = { _ in }
            driver.transport.abort()
        }
        // What is closed is let go with the next poll.
        host.poll()
    }

    var isReady: Bool { SystemSocket.isReadable(host.descriptor) }

    /// Polls until nothing is to be done any more, which must be soon.
    ///
    /// - Returns: how often it polled.
    @discardableResult
    func settle(sourceLocation: SourceLocation = #_sourceLocation) -> Int {
        for count in 0..<1000 {
            guard isReady else { return count }
            host.poll()
        }
        Issue.record("the loop finds no rest", sourceLocation: sourceLocation)
        return 1000
    }

    /// Polls until something is true, which must be so within ten seconds.
    func settle(until isDone: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        while !isDone() {
            guard SystemSocket.isReadable(host.descriptor, withinMilliseconds: 10_000) else {
                Issue.record("nothing comes any more", sourceLocation: sourceLocation)
                return
            }
            host.poll()
        }
    }

    /// A connection over the near end of `pair`, with a driver that does what a test says.
    func connect(_ pair: SocketPair, _ prepare: @escaping (PlainDriver) -> Void = { _ in }) -> PlainDriver {
        pair.isNearTaken = true
        var made: PlainDriver?
        NativeConnection.start(
            pair.near, local: .unix(path: nil), remote: .unix(path: nil), host: host, loop: loop
        ) { transport in
            let driver = PlainDriver(transport)
            made = driver
            self.connections.append { [weak driver] in driver }
            prepare(driver)
            return driver
        }
        return made!
    }
}

/// A driver that notes what it gets and does what a test says.
final class PlainDriver: ConnectionDriver {
    let transport: NativeConnection
    private(set) var received: [UInt8] = []
    private(set) var events: [String] = []
    private(set) var reason: String?
    var onReceive: (PlainDriver) -> Void = { _ in }
    var onEnd: (PlainDriver) -> Void = { _ in }
    var readPlace = ReadPlace.shared(atMost: .max)

    init(_ transport: NativeConnection) { self.transport = transport }

    func receive(_ input: inout MutableSpan<UInt8>) {
        for index in 0..<input.count { received.append(input[index]) }
        events.append("received \(input.count)")
        onReceive(self)
    }

    func receiveEOF() {
        events.append("end")
        onEnd(self)
    }

    func transportClosed(reason: String?) {
        events.append("closed")
        self.reason = reason
    }

    func writabilityChanged() { events.append(transport.isWritable ? "writable" : "not writable") }

    func send(_ bytes: [UInt8]) {
        transport.write(bytes.span)
    }
}

#endif
