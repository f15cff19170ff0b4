// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornASGI

/// What the state of a reloader wants done, in this order.
package enum ReloadAction: Equatable, Sendable {
    /// Start the process that serves, and tell what came of it before anything else.
    case start
    case send(ProcessSignal)
    /// Do not wait any longer for a process that does not end.
    case abandon
    /// Start to build, and tell what came of it before anything else.
    case build
    case stopBuild
    /// New connections are refused.
    case stopListening
    case log(ServerLogLevel, String)
    case exit(status: Int32)
}
