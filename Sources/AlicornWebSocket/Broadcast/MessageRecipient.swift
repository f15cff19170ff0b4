// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// A connection to which messages for many go, whatever its surface.
protocol MessageRecipient: AnyObject, Sendable {
    var driver: WebSocketDriver { get }
    /// Those who wait for something of the connection, on its loop.
    func openWaiters() -> ConnectionWaiters
}

extension WebSocketConnection: MessageRecipient {
    func openWaiters() -> ConnectionWaiters { queue.openWaiters() }
}

extension MessageRecipient {
    /// Waits on the loop until there is room for more.
    func waitForRoom(atMost timeout: Duration) async -> WaitOutcome {
        guard !driver.hasEnded else { return .closed }
        guard !driver.isWritable else { return .done }
        let waiters = openWaiters()
        let number = waiters.nextNumber()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let timer = LoopTimer(on: driver.loop, after: timeout) { [unowned waiters] in
                    waiters.end(number, .timedOut)
                }
                waiters.waitForRoom(number, continuation, inFragments: false, timer: timer)
            }
        } onCancel: {
            Task(executorPreference: driver.loop) { self.openWaiters().end(number, .cancelled) }
        }
    }
}
