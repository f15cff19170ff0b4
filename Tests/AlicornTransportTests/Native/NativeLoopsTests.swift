// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import Testing

@testable import AlicornTransport

@Suite("Native loops on threads", .timeLimit(.minutes(1)))
struct NativeLoopsTests {
    /// Loops whose hosts are known even when they are gone.
    private final class Trace {
        var loops: NativeLoops?
        private(set) weak var host: NativeLoop?

        init(threads: Int = 1) throws {
            let loops = try NativeLoops(threads: threads)
            host = loops.members[0].host
            self.loops = loops
        }

        /// Waits until the thread has ended, and so closed its descriptors.
        func end() async { while host != nil { await Task.yield() } }
    }

    @Test("there are as many as asked for, and one at least", arguments: [(-1, 1), (0, 1), (1, 1), (3, 3)])
    func count(asked: Int, made: Int) throws { #expect(try NativeLoops(threads: asked).members.count == made) }

    @Test("each runs its tasks on its own thread")
    func threads() async throws {
        let loops = try NativeLoops(threads: 2)
        for (index, member) in loops.members.enumerated() {
            let isCurrent = await Task(executorPreference: member.loop) { loops.members.map(\.host.isCurrent) }.value
            #expect(isCurrent == [index == 0, index == 1])
        }
    }

    @Test("a thread ends when nobody has its loop any more")
    func ends() async throws {
        let trace = try Trace()
        #expect(trace.host != nil)
        trace.loops = nil
        await trace.end()
    }

    @Test("a thread that has just run something ends, too")
    func endsAfterWork() async throws {
        let trace = try Trace()
        for _ in 0..<10 {
            guard let loop = trace.loops?.members[0].loop else { break }
            await Task(executorPreference: loop) {}.value
        }
        trace.loops = nil
        await trace.end()
    }

    @Test("a connection keeps its thread, which ends after it")
    func connectionKeeps() async throws {
        let trace = try Trace()
        let pair = try SocketPair()
        pair.isNearTaken = true
        let (ends, note) = AsyncStream.makeStream(of: Void.self)
        if let member = trace.loops?.members[0] {
            let near = pair.near
            member.host.execute {
                NativeConnection.start(
                    near, local: .unix(path: nil), remote: .unix(path: nil), host: member.host, loop: member.loop
                ) {
                    let driver = PlainDriver($0)
                    driver.onReceive = { $0.send($0.received) }
                    driver.onEnd = {
                        $0.transport.close()
                        note.finish()
                    }
                    return driver
                }
            }
        }
        trace.loops = nil
        pair.sendFar([1, 2, 3])
        #expect(SystemSocket.isReadable(pair.far, withinMilliseconds: 10_000))
        #expect(pair.receiveFar() == [1, 2, 3])
        #expect(trace.host != nil)
        pair.closeFar()
        for await _ in ends {}
        await trace.end()
    }

    @Test("those of the process are always the same")
    func shared() throws {
        let (first, second) = (try NativeLoops.shared(), try NativeLoops.shared())
        #expect(first.members.map { ObjectIdentifier($0.host) } == second.members.map { ObjectIdentifier($0.host) })
        #expect(!first.members.isEmpty)
    }
}

#endif
