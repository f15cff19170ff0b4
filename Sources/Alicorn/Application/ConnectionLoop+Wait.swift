// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

extension ConnectionLoop {
    /// Waits on the loop until the callback is called that `register` leaves behind.
    ///
    /// - Parameter giveUp: has the callback called if the task is cancelled meanwhile. On the loop.
    func wait(register: (@escaping () -> Void) -> Void, giveUp: @escaping @Sendable () -> Void) async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in register { continuation.resume() } }
        } onCancel: {
            Task(executorPreference: self) { giveUp() }
        }
    }
}
