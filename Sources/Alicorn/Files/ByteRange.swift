// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The part of a file that a client asks for by `Range` (RFC 9110 §14.2).
enum ByteRange: Sendable, Hashable {
    /// It asks for none that is understood, or for several: the whole is sent.
    case whole
    case part(Range<Int>)
    /// No byte of it is there.
    case unsatisfiable

    /// - Parameters:
    ///   - value: the value of `Range`.
    ///   - size: how many bytes there are.
    init(_ value: String, of size: Int) {
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes", !parts[1].contains(",") else {
            self = .whole
            return
        }
        let ends = parts[1].drop { $0 == " " }.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, !(ends[0].isEmpty && ends[1].isEmpty), ends.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) })
        else {
            self = .whole
            return
        }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (nil, let suffix?): self = Self.part(from: max(0, size - suffix), to: size)
        case (let first?, nil): self = Self.part(from: first, to: size)
        case (let first?, let last?):
            // RFC 9110 §14.1.1: such a range is invalid, and an invalid one is none.
            self = last < first ? .whole : Self.part(from: first, to: min(size, last == .max ? last : last + 1))
        case (nil, nil): self = .whole
        }
    }

    private static func part(from start: Int, to end: Int) -> Self { start < end ? .part(start..<end) : .unsatisfiable }

    /// What has more digits than a number is beyond every file.
    private static func number(_ digits: Substring) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
}
