// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// Futures of who waits for the same; mostly it is one.
///
/// No call of Python's is made by a method that changes it: the collector, which may come with any, looks at it.
struct Waiters {
    private var first: Object?
    private var others: [Object] = []

    var isEmpty: Bool { first == nil }

    /// Adds one, and counts a reference to it.
    mutating func add(_ future: Object) {
        Py_IncRef(future)
        if first == nil { first = future } else { others.append(future) }
    }

    /// Hands all of them out.
    mutating func take() -> Self {
        var taken = Self()
        swap(&taken, &self)
        return taken
    }

    /// Has all of them look again, who were taken out.
    consuming func finish() {
        forEach { future in
            Future.finish(future)
            Py_DecRef(future)
        }
    }

    /// Those that were taken out, without who was cancelled: who tries again and again with a time limit leaves one each time.
    consuming func undone() -> Self {
        guard !isEmpty else { return self }
        var undone = Self()
        forEach { future in
            if !Future.isDone(future) { undone.add(future) }
            Py_DecRef(future)
        }
        return undone
    }

    func forEach(_ body: (Object) -> Void) {
        if let first { body(first) }
        for future in others { body(future) }
    }
}
