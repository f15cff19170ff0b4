// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import NIOCore

extension OpenFile {
    /// How much of a file is in memory at once, in bytes.
    private static let pieceLength = 128 * 1024

    /// Reads a part of the file, piece by piece, each when `body` is done with the one before: at least one piece, of no bytes
    /// when there are none.
    ///
    /// - Throws: ``AlicornASGI/UnreadableFile``, and what `body` throws.
    func forEachPiece(
        of range: Range<Int>, _ body: (_ piece: ByteBuffer, _ isLast: Bool) async throws -> Void
    ) async throws {
        var start = range.lowerBound
        repeat {
            let end = min(range.upperBound, start + Self.pieceLength)
            let piece = start..<end
            try await body(piece.isEmpty ? ByteBuffer() : offLoop { try self.read(piece) }, end == range.upperBound)
            start = end
        } while start < range.upperBound
    }

    private func read(_ range: Range<Int>) throws(UnreadableFile) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: range.count)
        var fault: UnreadableFile?
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { bytes in
            do throws(UnreadableFile) {
                try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<range.count]), at: range.lowerBound)
                return range.count
            } catch {
                fault = error
                return 0
            }
        }
        if let fault { throw fault }
        return buffer
    }
}

/// Does something that blocks, on a thread that is nobody's event loop.
func offLoop<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try await concurrently(body) }
}

/// Does something where the task prefers to run, and not where its caller is.
@concurrent
func concurrently<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result { try body() }
