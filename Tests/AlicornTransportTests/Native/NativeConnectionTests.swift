// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import Foundation
import Testing

@testable import AlicornTransport

@Suite("A connection on the native engine", .timeLimit(.minutes(1)))
struct NativeConnectionTests {
    private let test: LoopUnderTest

    init() throws { test = try LoopUnderTest() }

    @Test("input, its end and the end of the connection come in this order")
    func order() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair) { driver in
            driver.onReceive = { $0.send($0.received) }
            driver.onEnd = { $0.transport.close() }
        }
        #expect(driver.transport.localEndpoint == .unix(path: nil))
        #expect(driver.transport.remoteEndpoint == .unix(path: nil))
        pair.sendFar([1, 2])
        test.settle()
        #expect(pair.receiveFar() == [1, 2])
        pair.finishFar()
        test.settle()
        #expect(driver.events == ["received 2", "end", "closed"])
        #expect(driver.reason == nil)
        #expect(pair.receiveFar() == nil)
    }

    @Test("half a connection goes on in its direction, and both halves ended are the end")
    func halves() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        pair.finishFar()
        test.settle()
        #expect(driver.events == ["end"])
        driver.send([1, 2, 3])
        #expect(pair.receiveFar() == [1, 2, 3])
        driver.transport.finishWriting()
        test.settle()
        #expect(pair.receiveFar() == nil)
        #expect(driver.events == ["end", "closed"])
        #expect(driver.reason == nil)
    }

    @Test("our half may end first")
    func ownHalf() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.send([1])
        driver.transport.finishWriting()
        test.settle()
        #expect(pair.receiveFar() == [1])
        #expect(pair.receiveFar() == nil)
        pair.sendFar([2])
        test.settle()
        pair.closeFar()
        test.settle()
        #expect(driver.events == ["received 1", "end", "closed"])
    }

    @Test("what comes while only the end is wanted is dropped, and both halves ended are the end at once")
    func onlyTheEnd() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.readPlace = .nowhere
        pair.sendFar([1])
        test.settle()
        driver.transport.finishWriting()
        pair.sendFar([2])
        pair.closeFar()
        test.settle()
        #expect(driver.events == ["end", "closed"])
        #expect(driver.reason == nil)
    }

    @Test("a peer that goes while nobody reads is found out by whoever reads on", arguments: [false, true])
    func pausedEnd(hasInput: Bool) throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.transport.pauseReading()
        if hasInput { pair.sendFar([1]) }
        pair.closeFar()
        test.settle()
        #expect(driver.events.isEmpty)
        driver.transport.pauseReading()
        test.settle()
        driver.transport.resumeReading()
        test.settle()
        #expect(driver.events == (hasInput ? ["received 1"] : []) + ["end", "closed"])
    }

    @Test("what is written to a peer that is gone ends the connection while nobody reads, too")
    func writeToGone() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.transport.pauseReading()
        pair.closeFar()
        test.settle()
        driver.send([1])
        driver.send([1])
        test.settle()
        #expect(driver.events == ["closed"])
        #expect(driver.reason == "Broken pipe")
    }

    @Test("a reset is told with its reason, whether or not anybody reads", arguments: [false, true])
    func reset(isPaused: Bool) throws {
        let listening = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { listening.close() }
        let client = SystemSocket.connected(to: listening.endpoint.port ?? 0)
        let accepted = accept(listening.descriptor, nil, nil)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        var driver: PlainDriver?
        NativeConnection.start(
            accepted, local: listening.endpoint, remote: listening.endpoint, host: test.host, loop: test.loop
        ) {
            let made = PlainDriver($0)
            driver = made
            return made
        }
        if isPaused { driver?.transport.pauseReading() }
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(client)
        test.settle { driver?.events.isEmpty == false }
        test.settle()
        #expect(driver?.events == ["closed"])
        #expect(driver?.reason == "Connection reset by peer")
    }

    @Test("a peer that does not read makes it unwritable, one that reads makes it writable again")
    func writability() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.send([UInt8](repeating: 1, count: 4_000_000))
        #expect(!driver.transport.isWritable)
        #expect(driver.transport.unsentBytes > 64 * 1024)
        driver.send([2])
        test.settle()
        #expect(driver.events == ["not writable"])
        var arrived: [UInt8] = []
        while arrived.count < 4_000_001 {
            arrived += pair.receiveFar() ?? []
            test.settle()
        }
        #expect(arrived.last == 2)
        #expect(driver.events == ["not writable", "writable"])
        #expect(driver.transport.unsentBytes == 0)
        #expect(driver.transport.isWritable)
        driver.transport.abort()
        test.settle()
    }

    @Test(
        "an end comes behind what is unsent, and a later one counts", arguments: ["finish", "close", "finish, close"])
    func endBehindUnsent(how: String) throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.send([UInt8](repeating: 1, count: 1_000_000))
        if how.hasPrefix("finish") { driver.transport.finishWriting() }
        if how.hasSuffix("close") { driver.transport.close() }
        test.settle()
        #expect(!driver.events.contains("closed"))
        var count = 0
        while let piece = pair.receiveFar() {
            count += piece.count
            test.settle()
        }
        #expect(count == 1_000_000)
        #expect(driver.events.contains("closed") == how.hasSuffix("close"))
        driver.transport.abort()
        test.settle()
        #expect(driver.events.last == "closed")
    }

    @Test("a cut drops what is unsent, and nothing is done with a connection that is closed")
    func cut() throws {
        let pair = try SocketPair()
        let driver = test.connect(pair)
        driver.send([UInt8](repeating: 1, count: 1_000_000))
        driver.transport.abort()
        #expect(driver.transport.unsentBytes == 0)
        #expect(driver.events == ["not writable"])
        driver.send([1])
        driver.transport.write(Span(), [1].span, owner: { SharedArray([1]) })
        driver.transport.pauseReading()
        driver.transport.resumeReading()
        driver.transport.finishWriting()
        driver.transport.close()
        driver.transport.abort()
        test.settle()
        #expect(driver.events == ["not writable", "closed"])
    }

    @Test("a driver that takes over hears what comes, and of the end")
    func takeOver() throws {
        let pair = try SocketPair()
        let first = test.connect(pair)
        let second = PlainDriver(first.transport)
        first.onReceive = { $0.transport.setDriver(second) }
        pair.sendFar([1])
        test.settle()
        pair.sendFar([2])
        test.settle()
        pair.closeFar()
        second.onEnd = { $0.transport.close() }
        test.settle()
        #expect(first.events == ["received 1"])
        #expect(second.events == ["received 1", "end", "closed"])
    }

    @Test("driver and connection are let go at the end")
    func letGo() throws {
        let pair = try SocketPair()
        weak var driver: PlainDriver?
        weak var transport: NativeConnection?
        do {
            let made = test.connect(pair)
            driver = made
            transport = made.transport
        }
        #expect(transport != nil)
        pair.closeFar()
        driver?.onEnd = { $0.transport.close() }
        test.settle()
        #expect(driver == nil)
        #expect(transport == nil)
    }

    @Test("what cannot be watched is closed")
    func unwatchable() throws {
        let folder = try TemporaryFolder()
        let file = open(folder.file("a"), O_CREAT | O_RDWR, 0o600)
        NativeConnection.start(
            file, local: .unix(path: nil), remote: .unix(path: nil), host: test.host, loop: test.loop
        ) {
            Issue.record("there is nothing to drive")
            return PlainDriver($0)
        }
        var status = stat()
        // Another test may have the number by now, but not this file.
        #expect(fstat(file, &status) != 0 || status.st_mode & S_IFMT != S_IFREG)
    }
}

#endif
