// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport

@testable import AlicornWebSocket

/// A server's connection whose peer is the test: it sends frames and reads what it likes.
final class ScriptedConnection: Sendable {
    let clock = VirtualClock()
    let connection: WebSocketConnection
    private let parts: Parts

    private struct Parts: @unchecked Sendable {
        // SAFETY: touched on the loop alone.
        let transport: MemoryTransport
        let assembly: ConnectionAssembly.Parts
    }

    init(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) {
        var configuration = ConnectionConfiguration()
        change(&configuration)
        let loop = clock.loop
        parts = loop.perform {
            let transport = MemoryTransport(loop: loop)
            let heads = OpeningHeads(
                request: RequestHead(method: "GET", target: "/"), response: ResponseHead(status: 101))
            let assembly = ConnectionAssembly.makeConnection(
                role: .server, configuration: configuration, transform: nil, transport: transport, heads: heads)
            transport.setDriver(assembly.driver)
            return Parts(transport: transport, assembly: assembly)
        }
        connection = parts.assembly.connection
    }

    deinit { perform { $0.fail(nil) } }

    /// Does something on the loop.
    func perform<Result>(_ body: (MemoryTransport) throws -> Result) rethrows -> Result {
        try clock.loop.perform { try body(parts.transport) }
    }

    /// A text message comes.
    func receive(_ text: String) { perform { $0.deliver(Self.frame(0x81, Array(text.utf8))) } }

    func receiveClose(_ code: UInt16) {
        perform { $0.deliver(Self.frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)])) }
    }

    /// A client's frame of less than 64 KiB, masked with zeros.
    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        let length: [UInt8] =
            count < 126 ? [0x80 | UInt8(count)] : [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        return [first] + length + [0, 0, 0, 0] + payload
    }

    /// Runs a task on the loop until its first wait.
    func start<Success: Sendable>(
        _ body: @escaping @Sendable (WebSocketConnection) async throws -> Success
    ) -> Task<Success, any Error> {
        let task = Task(executorPreference: clock.executor) { [connection] in try await body(connection) }
        clock.advance(by: .zero)
        return task
    }

    /// Lets tasks on other threads go on until so many bytes were sent.
    func settle(until count: Int) async {
        for _ in 0..<10_000 where sent.count < count { await settle {} }
    }

    /// Does something, and lets tasks on other threads go on a little.
    func settle(_ body: () -> Void) async {
        body()
        for _ in 0..<10 {
            await Task.yield()
            clock.advance(by: .zero)
        }
    }

    var queue: AnyObject { parts.assembly.queue }
    var sent: [UInt8] { perform { $0.taken } }
    var isReadingPaused: Bool { perform { $0.isReadingPaused } }
    func advance(_ seconds: Double) { clock.advance(by: .seconds(seconds)) }
}
