// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What waits for its part of a turn, in order. Mostly that is one, for which there is room without an array.
struct TurnQueue<Element> {
    private var first: Element?
    /// Those behind the first.
    private var others: [Element] = []

    var isEmpty: Bool { first == nil }

    mutating func append(_ element: Element) { if first == nil { first = element } else { others.append(element) } }

    /// Takes out the first, of no others.
    mutating func removeOnly() -> Element? {
        precondition(others.isEmpty)
        return first.take()
    }

    /// Hands out all that are there, the first one without another reference to it, and keeps the memory.
    mutating func removeAll(_ body: (Element) -> Void) {
        if let first = first.take() { body(first) }
        guard !others.isEmpty else { return }
        for element in others { body(element) }
        others.removeAll(keepingCapacity: true)
    }
}
