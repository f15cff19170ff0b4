// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// A connection that wants to be called at a certain moment.
package protocol AlarmedConnection: AnyObject {
    /// The connection's place in its loop's queue; the queue's own, `nil` while it is not in it.
    var alarmIndex: Int? { get set }
    /// The moment has come.
    func ring(at now: Timestamp)
}

/// The deadlines of many connections, at most one for each: a binary heap that knows where everybody stands, so that
/// setting, moving and removing a deadline each cost the logarithm of their number and no allocation.
struct DeadlineQueue {
    /// What the heap moves about: no references, which would be counted with every step.
    private struct Entry: BitwiseCopyable {
        var deadline: Timestamp
        /// The connection's place, which stays the same.
        var place: Int32
    }

    private var heap: [Entry] = []
    /// Who has a place: its number is the connection's `alarmIndex`.
    private var connections: [(any AlarmedConnection)?] = []
    /// Where in the heap the entry of each place stands; for a free place, which is the next free one.
    private var positions: [Int32] = []
    private var firstFreePlace: Int32 = -1

    /// How many connections have a deadline.
    var count: Int { heap.count }

    /// The earliest of all.
    var nextDeadline: Timestamp? { heap.first?.deadline }

    /// Sets, moves or with `nil` removes the deadline of `connection`.
    mutating func set(_ connection: any AlarmedConnection, at deadline: Timestamp?) {
        switch (connection.alarmIndex, deadline) {
        case (nil, nil): break
        case (nil, let deadline?):
            let place = takePlace()
            connections[Int(place)] = connection
            connection.alarmIndex = Int(place)
            heap.append(Entry(deadline: deadline, place: place))
            moveUp(heap.count - 1)
        case (let place?, let deadline?):
            let index = Int(positions[place])
            heap[index].deadline = deadline
            moveUp(moveDown(index))
        case (let place?, nil):
            remove(at: Int(positions[place]))
            connection.alarmIndex = nil
        }
    }

    /// Removes the earliest if it is due, and gives its connection.
    mutating func removeNext(dueAt now: Timestamp) -> (any AlarmedConnection)? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let connection = remove(at: 0)
        connection?.alarmIndex = nil
        return connection
    }

    private mutating func takePlace() -> Int32 {
        guard firstFreePlace >= 0 else {
            connections.append(nil)
            positions.append(-1)
            return Int32(positions.count - 1)
        }
        let place = firstFreePlace
        firstFreePlace = positions[Int(place)]
        return place
    }

    @discardableResult
    private mutating func remove(at index: Int) -> (any AlarmedConnection)? {
        let place = heap[index].place
        positions[Int(place)] = firstFreePlace
        firstFreePlace = place
        let last = heap.removeLast()
        if index < heap.count {
            heap[index] = last
            moveUp(moveDown(index))
        }
        return connections[Int(place)].take()
    }

    /// - Returns: where the entry came to stand.
    @discardableResult
    private mutating func moveUp(_ start: Int) -> Int {
        var index = start
        let entry = heap[index]
        while index > 0, entry.deadline < heap[(index - 1) / 2].deadline {
            put(heap[(index - 1) / 2], at: index)
            index = (index - 1) / 2
        }
        put(entry, at: index)
        return index
    }

    private mutating func moveDown(_ start: Int) -> Int {
        var index = start
        let entry = heap[index]
        while let child = smallerChild(of: index), heap[child].deadline < entry.deadline {
            put(heap[child], at: index)
            index = child
        }
        put(entry, at: index)
        return index
    }

    private func smallerChild(of index: Int) -> Int? {
        let left = 2 * index + 1
        guard left < heap.count else { return nil }
        let right = left + 1
        return right < heap.count && heap[right].deadline < heap[left].deadline ? right : left
    }

    private mutating func put(_ entry: Entry, at index: Int) {
        heap[index] = entry
        positions[Int(entry.place)] = Int32(truncatingIfNeeded: index)
    }
}
