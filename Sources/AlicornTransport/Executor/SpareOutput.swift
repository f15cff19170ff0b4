// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Memory for output that no connection of a loop uses at the moment.
struct SpareOutput {
    /// What is to be used next: mostly there is one output at a time.
    var next: [UInt8] = []
    /// More of it, for answers that are made at the same time.
    private var others: [[UInt8]] = []

    /// The largest memory that is kept, in bytes, and how often.
    private static let maximum = (size: 16 * 1024, count: 8)

    /// Takes memory that output was in.
    mutating func keep(_ output: inout [UInt8]) {
        guard (1...Self.maximum.size).contains(output.capacity) else { return }
        output.removeAll(keepingCapacity: true)
        if output.capacity > next.capacity { swap(&output, &next) }
        if output.capacity > 0, others.count < Self.maximum.count - 1 { others.append(output) }
    }

    /// Gives `output` such memory unless it has some in use.
    mutating func lend(to output: inout [UInt8]) {
        guard output.isEmpty else { return }
        swap(&output, &next)
        if let other = others.popLast() { next = other }
    }
}
