// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite("Bytes on their way to a socket", .timeLimit(.minutes(1)))
struct OutboundQueueTests {
    /// So many bytes, which nothing else in a test equals at the same place.
    private func bytes(_ count: Int, from first: Int = 0) -> [UInt8] { (first..<first + count).map { UInt8($0 % 251) } }

    /// Writes and reads by turns until nothing is left.
    ///
    /// - Returns: what arrived, and how often the socket was full.
    private func carry(_ queue: inout OutboundQueue, over pair: SocketPair) -> (bytes: [UInt8], blocks: Int) {
        var arrived: [UInt8] = []
        var blocks = 0
        while true {
            let before = queue.count
            let outcome = queue.write(to: pair.near)
            #expect(queue.count <= before)
            let piece = pair.receiveFar() ?? []
            arrived += piece
            guard outcome == .blocked, blocks < 100_000 else {
                #expect(outcome == .wroteAll)
                #expect(queue.count == 0)
                return (arrived, blocks)
            }
            blocks += 1
        }
    }

    @Test("what the kernel takes whole leaves nothing, and nothing is written for nothing")
    func whole() throws {
        let pair = try SocketPair()
        var queue = OutboundQueue()
        #expect(queue.count == 0)
        queue.append([])
        queue.append(SharedArray([]))
        #expect(queue.write(to: pair.near) == .wroteAll)
        #expect(pair.receiveFar()?.isEmpty == true)
        queue.append(bytes(100))
        #expect(queue.count == 100)
        #expect(queue.write(to: pair.near) == .wroteAll)
        #expect(queue.count == 0)
        #expect(pair.receiveFar() == bytes(100))
    }

    @Test("own and shared pieces arrive in the order in which they were taken")
    func order() throws {
        let pair = try SocketPair()
        var queue = OutboundQueue()
        queue.append(SharedArray(bytes(10)))
        queue.append(bytes(10, from: 10))
        queue.append(bytes(10, from: 20))
        queue.append(SharedArray(bytes(10, from: 30)))
        queue.append(bytes(10, from: 40))
        #expect(queue.count == 50)
        #expect(carry(&queue, over: pair).bytes == bytes(50))
    }

    @Test("small pieces are put together up to 16 KiB, and shared ones never")
    func coalescing() {
        func pieces(_ fill: (inout OutboundQueue) -> Void) -> [Int] {
            var queue = OutboundQueue()
            fill(&queue)
            var sizes: [Int] = []
            queue.drain { piece, gone in
                #expect(gone == 0)
                sizes.append(piece.count)
            }
            #expect(queue.count == 0)
            return sizes
        }
        #expect(pieces { queue in for _ in 0..<16 { queue.append(bytes(1024)) } } == [16_384])
        #expect(pieces { queue in for _ in 0..<17 { queue.append(bytes(1024)) } } == [16_384, 1024])
        #expect(pieces { queue in for _ in 0..<40 { queue.append(bytes(1024)) } } == [16_384, 16_384, 8192])
        #expect(
            pieces { queue in
                queue.append(bytes(5))
                queue.append(SharedArray(bytes(5)))
                queue.append(bytes(5))
                queue.append(bytes(5))
                queue.append(bytes(20_000))
                queue.append(bytes(5))
            } == [5, 5, 10, 20_000, 5])
    }

    @Test("a full socket cuts anywhere, and nothing is lost, doubled or moved", arguments: 0..<24)
    func cuts(seed: Int) throws {
        // The kernel makes of a small number the least that it grants.
        let pair = try SocketPair(sendBuffer: 1)
        var random = Sequence(seed: UInt64(seed))
        var queue = OutboundQueue()
        var expected: [UInt8] = []
        var arrived: [UInt8] = []
        for _ in 0..<300 {
            let piece = bytes(random.next(below: random.next(below: 5) == 0 ? 9000 : 300), from: expected.count)
            expected += piece
            if random.next(below: 3) == 0 { queue.append(SharedArray(piece)) } else { queue.append(piece) }
            if random.next(below: 4) == 0 { _ = queue.write(to: pair.near) }
            if random.next(below: 2) == 0 { arrived += pair.receiveFar(1 + random.next(below: 5000)) ?? [] }
            #expect(arrived.count + queue.count <= expected.count)
        }
        let rest = carry(&queue, over: pair)
        #expect(rest.blocks > 0)
        #expect(arrived + rest.bytes == expected)
    }

    /// Numbers that look like chance, the same in each run.
    private struct Sequence {
        var state: UInt64
        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    @Test("more pieces than one call gathers go out by several")
    func manyPieces() throws {
        let pair = try SocketPair()
        for count in [63, 64, 65, 129, 200] {
            var queue = OutboundQueue()
            for index in 0..<count { queue.append(SharedArray(bytes(7, from: 7 * index))) }
            #expect(carry(&queue, over: pair).bytes == bytes(7 * count))
            queue.append(bytes(3))
            for index in 0..<count { queue.append(SharedArray(bytes(7, from: 3 + 7 * index))) }
            #expect(carry(&queue, over: pair).bytes == bytes(3 + 7 * count))
        }
    }

    @Test("what is drained begins with what is left of the piece that is gone in part")
    func drainsRest() throws {
        let pair = try SocketPair(sendBuffer: 1)
        var queue = OutboundQueue()
        queue.append(bytes(100_000))
        queue.append(SharedArray(bytes(10)))
        #expect(queue.write(to: pair.near) == .blocked)
        let left = queue.count
        #expect(left > 10)
        #expect(left < 100_010)
        var drained: [(Int, Int)] = []
        queue.drain { drained.append(($0.count, $1)) }
        #expect(drained.map(\.0) == [100_000, 10])
        #expect(drained.map(\.1) == [100_010 - left, 0])
    }

    @Test("shared bytes are let go when they are written, and when they are dropped")
    func letsGo() throws {
        let pair = try SocketPair()
        var queue = OutboundQueue()
        weak var written: SharedArray?
        weak var dropped: SharedArray?
        do {
            let shared = SharedArray(bytes(10))
            written = shared
            queue.append(shared)
        }
        #expect(written != nil)
        #expect(queue.write(to: pair.near) == .wroteAll)
        #expect(written == nil)
        do {
            let shared = SharedArray(bytes(10))
            dropped = shared
            queue.append(shared)
        }
        queue.removeAll()
        #expect(dropped == nil)
        #expect(queue.count == 0)
    }

    @Test("a peer that is gone is a failure and no signal")
    func closedPeer() throws {
        let pair = try SocketPair()
        pair.closeFar()
        var queue = OutboundQueue()
        queue.append(bytes(10))
        #expect(queue.write(to: pair.near) == .failed(SystemFailure("send", EPIPE)))
        queue.append(SharedArray(bytes(10)))
        #expect(queue.write(to: pair.near) == .failed(SystemFailure("send", EPIPE)))
        #expect(queue.count == 20)
    }
}

extension OutboundQueue {
    fileprivate mutating func append(_ bytes: [UInt8]) { keep(bytes.span, Span(), owner: { nil }) }

    fileprivate mutating func append(_ owner: SharedArray) {
        owner.withBytes { keep(Span(), $0, owner: { owner }) }
    }
}
