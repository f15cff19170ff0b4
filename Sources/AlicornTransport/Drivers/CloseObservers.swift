// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Who wants to know when a connection is gone; mostly nobody does. Confined to the connection's loop.
package final class CloseObservers {
    private var bodies: [ObjectIdentifier: () -> Void] = [:]

    /// Nobody wants to know.
    package init() {}

    /// Whether nobody wants to know.
    package var isEmpty: Bool { bodies.isEmpty }

    /// Notes what is to be called.
    ///
    /// - Parameter body: replaces what this observer asked for before; `nil` removes it.
    package func set(_ body: (() -> Void)?, by observer: AnyObject) { bodies[ObjectIdentifier(observer)] = body }

    /// The connection is gone.
    package func tell() { for body in bodies.values { body() } }
}
