// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

/// The ways in which a test cuts its input: whole, in two at each byte, and byte by byte.
func inputCuts(of bytes: [UInt8]) -> [[[UInt8]]] {
    let halves = bytes.indices.dropFirst().map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
    return [[bytes]] + halves + [bytes.map { [$0] }]
}

/// What `run` makes of the input, which has to be the same in every cut.
func inEveryCut<Outcome: Equatable>(
    of bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation, run: ([[UInt8]]) throws -> Outcome
) rethrows -> Outcome {
    let whole = try run([bytes])
    for pieces in inputCuts(of: bytes).dropFirst() {
        let outcome = try run(pieces)
        guard outcome != whole else { continue }
        let sizes = pieces.count == 2 ? "\(pieces[0].count) + \(pieces[1].count) bytes" : "single bytes"
        Issue.record("cut into \(sizes): \(outcome), but whole: \(whole)", sourceLocation: sourceLocation)
        break
    }
    return whole
}

/// Hands input on piece by piece, as a transport does: what is not taken stays in front of what comes next.
func feed<Failure: Error>(
    _ pieces: [[UInt8]], to take: (Span<UInt8>, inout Int) throws(Failure) -> Bool
) throws(Failure) -> [UInt8] {
    var pending: [UInt8] = []
    for piece in pieces {
        pending += piece
        var position = 0
        while try take(pending.span, &position) {}
        pending.removeFirst(position)
    }
    return pending
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The bytes as text, for comparison.
func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
