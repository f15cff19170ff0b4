// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// One direction between two transports: bytes on their way, in order, with a window as TCP has one.
package final class MemoryLink: @unchecked Sendable {
    // SAFETY: touched on the loop alone, where its scheduled arrivals run as well.
    private let network: MemoryNetwork
    private weak var sender: MemoryTransport?
    private weak var receiver: MemoryTransport?
    private let loop: VirtualLoop
    /// Bytes that have left the sender and are not yet the driver's at the other end.
    private var underway = 0
    /// Bytes that have arrived and are not read yet.
    private var arrived: [UInt8] = []
    private var hasEndArrived = false
    /// Whether nothing arrives any more, as if the cable was cut.
    package var isSilent = false

    package init(from sender: MemoryTransport, to receiver: MemoryTransport, _ network: MemoryNetwork) {
        self.sender = sender
        self.receiver = receiver
        self.network = network
        loop = sender.virtualLoop
        sender.outgoingLink = self
        receiver.incomingLink = self
    }

    /// How many bytes may be sent now.
    var room: Int { max(0, network.window - underway) }

    func send(_ bytes: [UInt8]) {
        underway += bytes.count
        arrive { link in
            link.arrived += bytes
            link.handOver()
        }
    }

    func sendEnd() {
        arrive { link in
            link.hasEndArrived = true
            link.handOver()
        }
    }

    /// The sender has reset the connection.
    func cut() { arrive { $0.receiver?.fail("connection reset by peer") } }

    /// The receiver reads again.
    func readerIsReady() {
        let link = Unchecked(value: self)
        loop.schedule(at: loop.now) { link.value.handOver() }
    }

    private func handOver() {
        guard let receiver, !receiver.isGone else { return refuse() }
        while !arrived.isEmpty, !receiver.isReadingPaused, !receiver.isGone {
            let piece = Array(arrived.prefix(network.segment))
            arrived.removeFirst(piece.count)
            underway -= piece.count
            receiver.deliver(piece)
        }
        if arrived.isEmpty, hasEndArrived, !receiver.isReadingPaused {
            hasEndArrived = false
            receiver.deliverEOF()
        }
        sender?.pump()
    }

    /// Bytes for a closed connection are answered with a reset.
    private func refuse() {
        guard !arrived.isEmpty else { return }
        arrived = []
        let link = Unchecked(value: self)
        loop.schedule(at: loop.now.advanced(by: network.latency)) {
            if !link.value.isSilent { link.value.sender?.fail("connection reset by peer") }
        }
    }

    private func arrive(_ action: @escaping (MemoryLink) -> Void) {
        let arrival = Unchecked(value: (link: self, action: action))
        loop.schedule(at: loop.now.advanced(by: network.latency)) {
            if !arrival.value.link.isSilent { arrival.value.action(arrival.value.link) }
        }
    }

    private struct Unchecked<Value>: @unchecked Sendable {
        // SAFETY: used on the loop alone.
        let value: Value
    }
}
