// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Who else wants to know when a connection is gone; mostly nobody does. Confined to the connection's loop.
final class CloseObservers {
    private var bodies: [ObjectIdentifier: () -> Void] = [:]

    var isEmpty: Bool { bodies.isEmpty }

    /// - Parameter body: replaces what this observer asked for before; `nil` removes it.
    func set(_ body: (() -> Void)?, by observer: AnyObject) { bodies[ObjectIdentifier(observer)] = body }

    func tell() { for body in bodies.values { body() } }
}
