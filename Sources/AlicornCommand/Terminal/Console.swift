// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where somebody types, and where is shown what comes.
protocol Console: Sendable {
    /// Has `take` called with each line, one after the other on a thread of the console's own: the next is read when it returns.
    /// `nil` is the end.
    func read(_ take: @escaping @Sendable (String?) -> Void)

    /// Shows a line, or several.
    func show(_ text: String)

    /// Leaves the terminal as it was found.
    func end()
}
