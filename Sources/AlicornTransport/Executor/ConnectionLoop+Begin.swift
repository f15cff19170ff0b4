// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ConnectionLoop {
    /// Begins a task on the loop, at once, as far as it goes without waiting. Of the task that may run just now it inherits
    /// nothing: that may be the request before, on the same connection.
    @discardableResult
    package func begin(_ body: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            Task.immediateDetached(executorPreference: self, operation: body)
        } else {
            Task.detached(executorPreference: self, operation: body)
        }
    }
}
