// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornASGI

/// What the state of a supervisor wants done, in this order.
package enum SupervisorAction: Equatable, Sendable {
    /// Start a process for the slot, and tell what came of it before anything else.
    case start(WorkerID, slot: Int)
    case ping(WorkerID)
    case send(ProcessSignal, WorkerID)
    /// Do not wait any longer for a process that does not end.
    case abandon(WorkerID)
    /// New connections go to the workers in these slots alone.
    case steer(to: [Int])
    /// There is no worker in this slot, nor in one above: nobody accepts there.
    case closeSockets(from: Int)
    /// New connections are refused.
    case stopListening
    /// All workers serve, for the first time.
    case becameReady
    case log(ServerLogLevel, String)
    case exit(status: Int32)
}
