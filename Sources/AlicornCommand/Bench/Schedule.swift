// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// When messages are due: one each so often. On the clock of the loops.
struct Schedule: Sendable, Hashable {
    /// When the first is due.
    let start: Timestamp
    /// Between two messages, in nanoseconds; fractions count, so that a long run does not drift.
    let interval: Double

    /// When the message of that number, counted from 0, is due.
    func moment(of number: Int) -> Timestamp {
        guard number > 0 else { return start }
        let offset = (Double(number) * interval).rounded()
        // What is not less is beyond all clocks, or no number.
        return offset < 0x1p63 ? start.advanced(byNanoseconds: Int64(offset)) : Timestamp(nanoseconds: .max)
    }

    /// The part of a thread: of all messages, dealt out in turn, each `count`th.
    func share(_ number: Int, of count: Int) -> Self {
        Self(start: moment(of: number), interval: interval * Double(count))
    }
}

extension Schedule {
    /// - Parameter rate: messages in a second.
    init(start: Timestamp, rate: Double) { self.init(start: start, interval: 1e9 / rate) }
}
