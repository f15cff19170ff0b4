// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A function to be called when a future is done, and the context to call it in.
typealias DoneCallback = (function: Object, context: Object)

/// Those of a future; mostly there is one: the task's that waits.
enum DoneCallbacks {
    case none
    case one(DoneCallback)
    indirect case several(DoneCallback, DoneCallbacks)

    mutating func add(_ callback: DoneCallback) {
        switch self {
        case .none: self = .one(callback)
        case .one(let first): self = .several(first, .one(callback))
        case .several(let first, var rest):
            rest.add(callback)
            self = .several(first, rest)
        }
    }

    /// Takes the first one out.
    mutating func next() -> DoneCallback? {
        switch self {
        case .none: return nil
        case .one(let callback):
            self = .none
            return callback
        case .several(let callback, let rest):
            self = rest
            return callback
        }
    }
}
