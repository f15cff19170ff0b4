// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
package import AlicornTransport

/// A transport without a socket: bytes go to a record, or to another one that it is joined with.
///
/// To be used on its loop. Standing alone it is scripted by a test: ``deliver(_:inCutsOf:)`` and ``deliverEOF()`` play
/// the peer, ``appetite`` says how much the peer still reads, ``taken`` what it has read.
package final class MemoryTransport: ConnectionTransport {
    /// How a direction, or both, were ended by the driver.
    package enum Ending: Sendable, Equatable {
        case finishedWriting
        case closed
        case aborted
    }

    package let virtualLoop: VirtualLoop
    package var loop: ConnectionLoop { virtualLoop.connectionLoop }
    package let serial = ConnectionSerial.next()
    package var localEndpoint: SocketEndpoint
    package var remoteEndpoint: SocketEndpoint

    /// The driver that decides about the bytes; gone with the connection.
    package private(set) var driver: (any ConnectionDriver)?
    /// What the driver did to end the connection, in order.
    package private(set) var endings: [Ending] = []
    /// What the peer has read, unless it is another transport.
    package private(set) var taken: [UInt8] = []
    /// How often there was something to write, which would be a system call each.
    package private(set) var writes = 0
    package private(set) var isReadingPaused = false
    package private(set) var isWritable = true
    /// How many more bytes the peer reads; the rest stays unsent.
    package var appetite = Int.max { didSet { pump() } }
    /// The way to the peer; without one, what is sent is recorded.
    package var outgoingLink: MemoryLink?
    /// The way from the peer.
    package var incomingLink: MemoryLink?

    private var outgoing: [UInt8] = []
    private var outgoingStart = 0
    private var isFinished = false
    private var isClosing = false
    private var hasSentEnd = false
    /// Whether TCP is gone, for this side.
    package private(set) var isGone = false

    /// Unsent bytes at which it is not writable any more, and below which it is again.
    package static let waterMarks = (low: 32 * 1024, high: 64 * 1024)

    package init(loop: VirtualLoop, localAddress: String = "memory:1", remoteAddress: String = "memory:2") {
        virtualLoop = loop
        localEndpoint = .named(localAddress)
        remoteEndpoint = .named(remoteAddress)
    }

    package func setDriver(_ driver: any ConnectionDriver) { self.driver = driver }

    // MARK: - From the peer

    /// Bytes come from the peer, cut into pieces of at most `size`.
    package func deliver(_ bytes: [UInt8], inCutsOf size: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty, !isGone {
            var piece = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            loop.turn {
                var span = piece.mutableSpan
                driver?.receive(&span)
            }
        }
    }

    /// The peer ends its direction.
    package func deliverEOF() {
        guard !isGone else { return }
        loop.turn { driver?.receiveEOF() }
    }

    /// The connection breaks.
    package func fail(_ reason: String?) {
        guard !isGone else { return }
        end(reason)
    }

    // MARK: - From the driver

    package var unsentBytes: Int { outgoing.count - outgoingStart }

    package func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        guard !isGone, !isFinished else { return }
        writes += 1
        outgoing.append(copying: head)
        outgoing.append(copying: body)
        pump()
    }

    package func pauseReading() { isReadingPaused = true }

    package func resumeReading() {
        isReadingPaused = false
        incomingLink?.readerIsReady()
    }

    package func finishWriting() {
        guard !isGone, !isFinished else { return }
        endings.append(.finishedWriting)
        isFinished = true
        pump()
    }

    package func close() {
        guard !isGone else { return }
        endings.append(.closed)
        isFinished = true
        isClosing = true
        pump()
    }

    package func abort() {
        guard !isGone else { return }
        endings.append(.aborted)
        outgoingLink?.cut()
        end(nil)
    }

    private func end(_ reason: String?) {
        isGone = true
        outgoing = []
        outgoingStart = 0
        loop.turn {
            driver?.transportClosed(reason: reason)
            driver = nil
        }
    }

    /// Moves what the peer takes.
    package func pump() {
        let count = min(outgoing.count - outgoingStart, outgoingLink?.room ?? appetite)
        if count > 0 {
            let bytes = Array(outgoing[outgoingStart..<outgoingStart + count])
            outgoingStart += count
            if outgoingStart == outgoing.count {
                outgoing = []
                outgoingStart = 0
            }
            if let outgoingLink {
                outgoingLink.send(bytes)
            } else {
                taken += bytes
                if appetite != .max { appetite -= count }
            }
        }
        updateWritability()
        guard isFinished, unsentBytes == 0, !isGone else { return }
        if !hasSentEnd {
            hasSentEnd = true
            outgoingLink?.sendEnd()
        }
        if isClosing { end(nil) }
    }

    private func updateWritability() {
        let isNowWritable = unsentBytes <= (isWritable ? Self.waterMarks.high : Self.waterMarks.low)
        guard isNowWritable != isWritable else { return }
        isWritable = isNowWritable
        loop.turn { driver?.writabilityChanged() }
    }

    /// Takes the record away.
    package func takeTaken() -> [UInt8] {
        defer { taken = [] }
        return taken
    }
}
