// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import AlicornTesting
import Testing

@testable import AlicornTransport

@Suite("A message for many connections")
struct SharedMessageTests {
    private func send(_ message: SharedMessage, by driver: WebSocketDriver) throws {
        let frame = message.frame
        try driver.send(message, frame.span)
    }

    @Test("it is framed as a server sends it, and written as it is")
    func plain() throws {
        let harness = WebSocketHarness()
        let message = SharedMessage(OwnedBytes([1, 2, 3]), as: .binary, compression: .automatic)
        try harness.act { driver throws in
            try driver.pong([])
            try send(message, by: driver)
        }
        #expect(
            harness.transport.taken == wireFrame(.pong, [], from: .server)
                + wireFrame(.binary, [1, 2, 3], from: .server))
    }

    @Test("a client makes its own frame of it")
    func client() throws {
        let harness = WebSocketHarness(.client)
        let message = SharedMessage(OwnedBytes([1, 2, 3]), as: .binary, compression: .automatic)
        try harness.act { driver throws in try send(message, by: driver) }
        #expect(harness.transport.taken == wireFrame(.binary, [1, 2, 3], from: .client))
    }

    @Test("behind a close frame it is misuse")
    func closing() throws {
        let harness = WebSocketHarness()
        let message = SharedMessage(OwnedBytes([1]), as: .binary, compression: .automatic)
        try harness.act { driver throws in
            try driver.close(CloseFrame(.normalClosure))
            #expect(throws: ProtocolMisuse.closing) { try send(message, by: driver) }
        }
    }

    @Test("what is kept of a frame for those who are slow has one owner, each form its own")
    func owner() throws {
        let message = SharedMessage(OwnedBytes([1, 2, 3]), as: .binary, compression: .automatic)
        let plain = message.owner(of: message.frame, form: nil)
        #expect(message.owner(of: message.frame, form: nil) === plain)
        let transformed = message.owner(of: [4], form: 1)
        #expect(transformed !== plain)
        #expect(transformed.count == 1)
        #expect(plain.count == message.frame.count)
    }

    @Test("whoever wants to know when the connection is gone is told once, unless that was taken back")
    func closeObservers() {
        let harness = WebSocketHarness()
        let observers = (0..<3).map { _ in NotingSink() }
        var told: [Int] = []
        harness.act { driver in
            #expect(!driver.hasEnded)
            for (number, observer) in observers.enumerated() {
                driver.observeClose(by: observer) { told.append(number) }
            }
            driver.observeClose(by: observers[1], nil)
        }
        harness.loop.perform { harness.transport.fail("gone") }
        #expect(told.sorted() == [0, 2])
        #expect(harness.act { $0.hasEnded })
    }
}
