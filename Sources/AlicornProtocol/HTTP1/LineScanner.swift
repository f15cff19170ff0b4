// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Finds the lines of a head in bytes that grow: no byte is looked at twice, however they arrive.
struct LineScanner: Sendable {
    /// Where the line begins that is not complete yet.
    private(set) var lineStart = 0
    /// How far that line was looked at; from here the next call goes on.
    private(set) var scanned = 0

    /// The next line, without its CRLF, or `nil` when it is not complete.
    ///
    /// What it throws depends only on the bytes up to the one at fault, not on how they were cut.
    ///
    /// - Parameters:
    ///   - bytes: what was there at the last call, and what has arrived since.
    ///   - limit: how long the line may be, and `tooLong` what it is to be longer.
    mutating func next(
        in bytes: Span<UInt8>, limit: Int, tooLong: HTTPViolation
    ) throws(HTTPViolation) -> Range<Int>? {
        let end = bytes.count - lineStart > limit ? lineStart + limit + 1 : bytes.count
        var index = scanned
        while true {
            index = bytes.firstControl(from: index, to: end)
            guard index < end else { break }
            switch bytes[index] {
            case UInt8(ascii: "\t"):
                index += 1
            case UInt8(ascii: "\r"):
                scanned = index
                guard index + 1 < bytes.count else { return nil }
                // RFC 9112 §2.2: a bare CR is refused.
                guard bytes[index + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
                defer { lineStart = index + 2 }
                scanned = index + 2
                return lineStart..<index
            case UInt8(ascii: "\n"):
                // RFC 9112 §2.2 lets a recipient take LF alone for a line end; that is how requests are smuggled.
                throw .bareLineFeed
            default:
                throw .controlCharacter
            }
        }
        scanned = end
        guard end - lineStart <= limit else { throw tooLong }
        return nil
    }
}
