// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// A connection that wants to be called at a certain moment.
package protocol AlarmedConnection: AnyObject {
    /// Where the connection stands in its loop's queue; the queue's own, `nil` while it is not in it.
    var alarmIndex: Int? { get set }
    /// The moment has come.
    func ring(at now: Timestamp)
}

/// The deadlines of many connections, at most one for each: a binary heap that knows where everybody stands, so that
/// setting, moving and removing a deadline each cost the logarithm of their number and no allocation.
struct DeadlineQueue {
    private struct Entry {
        var deadline: Timestamp
        var connection: any AlarmedConnection
    }

    private var heap: [Entry] = []

    /// How many connections have a deadline.
    var count: Int { heap.count }

    /// The earliest of all.
    var nextDeadline: Timestamp? { heap.first?.deadline }

    /// Sets, moves or with `nil` removes the deadline of `connection`.
    mutating func set(_ connection: any AlarmedConnection, at deadline: Timestamp?) {
        switch (connection.alarmIndex, deadline) {
        case (nil, nil): break
        case (nil, let deadline?):
            heap.append(Entry(deadline: deadline, connection: connection))
            moveUp(heap.count - 1)
        case (let index?, let deadline?):
            heap[index].deadline = deadline
            moveUp(moveDown(index))
        case (let index?, nil): remove(at: index)
        }
    }

    /// Removes the earliest if it is due, and gives its connection.
    mutating func removeNext(dueAt now: Timestamp) -> (any AlarmedConnection)? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.connection
    }

    private mutating func remove(at index: Int) {
        heap[index].connection.alarmIndex = nil
        let last = heap.removeLast()
        guard index < heap.count else { return }
        heap[index] = last
        moveUp(moveDown(index))
    }

    /// - Returns: where the entry came to stand.
    @discardableResult
    private mutating func moveUp(_ start: Int) -> Int {
        var index = start
        let entry = heap[index]
        while index > 0, entry.deadline < heap[(index - 1) / 2].deadline {
            place(heap[(index - 1) / 2], at: index)
            index = (index - 1) / 2
        }
        place(entry, at: index)
        return index
    }

    private mutating func moveDown(_ start: Int) -> Int {
        var index = start
        let entry = heap[index]
        while let child = smallerChild(of: index), heap[child].deadline < entry.deadline {
            place(heap[child], at: index)
            index = child
        }
        place(entry, at: index)
        return index
    }

    private func smallerChild(of index: Int) -> Int? {
        let left = 2 * index + 1
        guard left < heap.count else { return nil }
        let right = left + 1
        return right < heap.count && heap[right].deadline < heap[left].deadline ? right : left
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        heap[index] = entry
        entry.connection.alarmIndex = index
    }
}
