// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Histogram

/// What one thread has counted and timed in some time.
struct Tally: Sendable {
    /// Of what was measured, in nanoseconds.
    private(set) var latencies = Histogram<UInt64>(
        highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .three)
    /// Messages that were sent, warm-up and all.
    var sent = 0
    /// Messages that came, warm-up and all: answers or deliveries.
    var received = 0
    /// Connections that were opened.
    var opened = 0
    /// Messages that were due, and never sent.
    var unsent = 0
    /// Messages that were sent, and never answered.
    var unanswered = 0
    private(set) var mistakes = Mistakes()

    /// What takes longer is counted as an hour.
    private static let longest: UInt64 = 3_600_000_000_000

    /// What was measured.
    var measured: Int { Int(latencies.totalCount) }

    /// Something took so long.
    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        latencies.record(min(UInt64(max(0, nanoseconds)), Self.longest))
    }

    mutating func note(_ mistake: String, count: Int = 1) { mistakes.note(mistake, count: count) }

    mutating func add(_ other: Self) {
        latencies.add(other.latencies)
        sent += other.sent
        received += other.received
        opened += other.opened
        unsent += other.unsent
        unanswered += other.unanswered
        mistakes.add(other.mistakes)
    }
}

/// What went wrong, in sentences, and how often each.
struct Mistakes: Sendable {
    struct Entry: Sendable, Hashable, Codable {
        let sentence: String
        var count: Int
    }

    /// In the order in which they first happened.
    private(set) var entries: [Entry] = []
    /// How many others there were, when no more sentences were kept.
    private(set) var others = 0

    /// Sentences may quote the server, which could think of a new one each time.
    private static let limit = 20

    var count: Int { entries.reduce(others) { $0 + $1.count } }

    mutating func note(_ sentence: String, count: Int) {
        if let index = entries.firstIndex(where: { $0.sentence == sentence }) {
            entries[index].count += count
        } else if entries.count < Self.limit {
            entries.append(Entry(sentence: sentence, count: count))
        } else {
            others += count
        }
    }

    mutating func add(_ other: Self) {
        for entry in other.entries { note(entry.sentence, count: entry.count) }
        others += other.others
    }
}
