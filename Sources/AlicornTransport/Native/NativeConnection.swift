// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import CLinux

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One TCP or Unix connection on the native engine: the engine's end of the seam.
package final class NativeConnection: ConnectionTransport {
    package let loop: ConnectionLoop
    package let serial = ConnectionSerial.next()
    @exclusivity(unchecked) package var localEndpoint: SocketEndpoint
    @exclusivity(unchecked) package var remoteEndpoint: SocketEndpoint
    private let host: NativeLoop
    private let descriptor: Int32
    @exclusivity(unchecked) private(set) var token: UInt64 = 0
    @exclusivity(unchecked) private var driver: (any ConnectionDriver)?
    @exclusivity(unchecked) private var queue = OutboundQueue()
    @exclusivity(unchecked) private var watching: Epoll.Interest = .input
    @exclusivity(unchecked) private var isReadingPaused = false
    @exclusivity(unchecked) private var hasInputEnded = false
    /// Whether the kernel took less than it was given, and the rest waits for it to have room.
    @exclusivity(unchecked) private var isBlocked = false
    @exclusivity(unchecked) package private(set) var isWritable = true
    /// Whether nothing is watched, as both directions have ended while nobody reads.
    @exclusivity(unchecked) private var isParked = false
    @exclusivity(unchecked) private var isClosed = false
    @exclusivity(unchecked) private var endAfterWriting: End?
    /// Why the connection broke, as `errno` has it; 0 when it did not.
    private var failure: Int32 = 0

    private enum End { case ourDirection, both }

    /// Unsent bytes above which the connection is not writable any more, and down to which it then stays so.
    private static let waterMarks = (low: 32 * 1024, high: 64 * 1024)

    private init(
        _ descriptor: Int32, local: SocketEndpoint, remote: SocketEndpoint, host: NativeLoop, loop: ConnectionLoop
    ) {
        self.descriptor = descriptor
        self.host = host
        self.loop = loop
        localEndpoint = local
        remoteEndpoint = remote
    }

    /// Takes a connected socket, which is non-blocking, and its closing. On the loop's thread.
    package static func start(
        _ descriptor: Int32, local: SocketEndpoint, remote: SocketEndpoint, host: NativeLoop, loop: ConnectionLoop,
        makeDriver: (NativeConnection) -> any ConnectionDriver
    ) {
        let connection = NativeConnection(descriptor, local: local, remote: remote, host: host, loop: loop)
        do throws(SystemFailure) {
            connection.token = try host.watch(descriptor, for: connection)
        } catch {
            closeDescriptor(descriptor)
            return
        }
        loop.turn { connection.driver = makeDriver(connection) }
    }

    package func setDriver(_ driver: any ConnectionDriver) { self.driver = driver }

    // MARK: - From the loop

    func isReady(_ events: Epoll.Interest, host: NativeLoop, loop: ConnectionLoop) {
        if events.contains(.output) { writeMore() }
        guard !isClosed else { return }
        if events.contains(.hangUp), awaitsOnlyTheEnd {
            endInput()
        } else if events.contains(.input), !isReadingPaused, !hasInputEnded {
            read(host, loop)
        } else if events.contains(.error) {
            fail(pendingError)
        } else if events.contains(.hangUp) {
            hangUp()
        }
    }

    private func read(_ host: NativeLoop, _ loop: ConnectionLoop) {
        guard let driver else { return }
        switch driver.readPlace {
        case .shared(let limit):
            let count = host.receive(from: descriptor, atMost: limit) { span in loop.turn { driver.receive(&span) } }
            if count <= 0 { didReadNothing(count, errno) }
        case .nowhere:
            let count = host.receive(from: descriptor, atMost: .max) { _ in }
            if count <= 0 { didReadNothing(count, errno) }
        case .own:
            var (count, number) = (0, Int32(0))
            loop.turn {
                driver.receiveInPlace {
                    count = recv(descriptor, $0.baseAddress, $0.count, 0)
                    number = errno
                    return count
                }
            }
            if count <= 0 { didReadNothing(count, number) }
        }
    }

    private func didReadNothing(_ count: Int, _ number: Int32) {
        if count == 0 {
            endInput()
        } else if number != EAGAIN, number != EINTR {
            fail(SystemFailure("recv", number))
        }
    }

    private func endInput() {
        hasInputEnded = true
        loop.turn { driver?.receiveEOF() }
        watch()
    }

    /// Whether what may be left to read, once both directions have ended, need not be read.
    private var awaitsOnlyTheEnd: Bool {
        guard !hasInputEnded, case .nowhere = driver?.readPlace else { return false }
        return true
    }

    /// Both directions have ended, which the kernel goes on telling however little is done about it.
    private func hangUp() {
        if hasInputEnded {
            bury()
        } else {
            host.park(descriptor)
            isParked = true
        }
    }

    private var pendingError: SystemFailure {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return SystemFailure("recv", number == 0 ? ECONNRESET : number)
    }

    /// Nothing more is worth sending, though the driver does not hear why before whoever called is done.
    private func fail(_ failure: SystemFailure) {
        self.failure = failure.number
        isWritable = false
        bury()
    }

    /// Closes the descriptor at once; the driver hears of it by ``tellClosed()``, when whoever called is done.
    private func bury() {
        guard !isClosed else { return }
        isClosed = true
        host.didDrop(queue.count)
        queue.removeAll()
        host.ignore(descriptor)
        closeDescriptor(descriptor)
    }

    func tellClosed() {
        loop.turn {
            driver?.transportClosed(reason: failure == 0 ? nil : SystemFailure("recv", failure).reason)
            driver = nil
        }
    }

    /// Has the loop watch what there is to be heard of.
    private func watch() {
        var interest: Epoll.Interest = []
        if !isReadingPaused, !hasInputEnded { interest.insert(.input) }
        if isBlocked { interest.insert(.output) }
        guard !isClosed, isParked || interest != watching else { return }
        watching = interest
        do throws(SystemFailure) {
            if isParked {
                isParked = false
                try host.unpark(descriptor, interest, token: token)
            } else {
                try host.change(descriptor, interest, token: token)
            }
        } catch {
            fail(error)
        }
    }

    // MARK: - From the driver

    package var unsentBytes: Int { queue.count }

    package func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        guard !isClosed else { return }
        if isBlocked {
            queue.keep(head, body, owner: owner)
            updateWritability()
            return
        }
        let outcome = queue.write(head, body, owner: owner, to: descriptor)
        if outcome != .wroteAll { take(outcome) }
    }

    /// The kernel has room again.
    private func writeMore() {
        guard isBlocked else { return }
        take(queue.write(to: descriptor))
        guard queue.isEmpty, let end = endAfterWriting else { return }
        endAfterWriting = nil
        self.end(end)
    }

    private func take(_ outcome: OutboundQueue.Outcome) {
        switch outcome {
        case .wroteAll: isBlocked = false
        case .blocked: isBlocked = true
        case .failed(let failure):
            fail(failure)
            return
        }
        watch()
        updateWritability()
    }

    private func updateWritability() {
        let isNowWritable = queue.count <= (isWritable ? Self.waterMarks.high : Self.waterMarks.low)
        guard !isClosed, isNowWritable != isWritable else { return }
        isWritable = isNowWritable
        loop.turn { driver?.writabilityChanged() }
    }

    package func pauseReading() {
        isReadingPaused = true
        watch()
    }

    package func resumeReading() {
        isReadingPaused = false
        watch()
    }

    package func finishWriting() { endInOrder(.ourDirection) }

    package func close() { endInOrder(.both) }

    private func endInOrder(_ end: End) {
        if queue.isEmpty { self.end(end) } else { endAfterWriting = end }
    }

    private func end(_ end: End) {
        guard !isClosed else { return }
        switch end {
        case .ourDirection: shutdown(descriptor, Int32(SHUT_WR))
        case .both: bury()
        }
    }

    package func abort() {
        guard !isClosed else { return }
        // Without lingering the kernel drops what is unsent and resets.
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        bury()
    }
}

#endif
