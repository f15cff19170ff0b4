// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// An extension for tests: pairs of a count and a byte. It can shrink without bound and doubles what has no runs.
final class RunLength: MessageTransform {
    private var count: Int?
    private var run: (byte: UInt8, left: Int) = (0, 0)
    private let threshold: Int
    /// The most that one call was asked for.
    private(set) var greatestCapacity = 0

    init(threshold: Int = 0) { self.threshold = threshold }

    func isWorthTransforming(length: Int) -> Bool { length >= threshold }

    func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
        output += Self.encoded(piece.indices.map { piece[$0] })
    }

    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            if output.last == byte, output[output.count - 2] < 255 {
                output[output.count - 2] += 1
            } else {
                output += [1, byte]
            }
        }
        return output
    }

    func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress {
        greatestCapacity = max(greatestCapacity, capacity)
        var room = capacity
        while room > 0 {
            let length = min(room, run.left)
            output += Array(repeating: run.byte, count: length)
            run.left -= length
            room -= length
            guard run.left == 0, room > 0 else { break }
            guard position < input.count else { return try endOfInput(endsMessage) }
            let byte = input[position]
            position += 1
            if let count {
                guard count > 0 else { throw TransformFailure("run of no bytes") }
                run = (byte, count)
                self.count = nil
            } else {
                count = Int(byte)
            }
        }
        return .hasMoreOutput
    }

    private func endOfInput(_ endsMessage: Bool) throws(TransformFailure) -> DecodeProgress {
        guard endsMessage else { return .needsInput }
        guard count == nil else { throw TransformFailure("half a run") }
        return .endOfMessage
    }
}
