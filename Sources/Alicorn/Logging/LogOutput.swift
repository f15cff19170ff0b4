// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A descriptor that lines are written to, from any thread: each whole and by one call of the system, as other processes may
/// write to the same file.
///
/// A line that cannot be written is dropped: a log that is full, or whose reader has gone, is no reason to stop serving. Who
/// reads a pipe slowly holds up who writes, as with every log; one that does not block is waited for, but not long.
package final class LogOutput: Sendable {
    /// Standard output, where uvicorn writes the access log.
    package static let standardOutput = LogOutput(descriptor: STDOUT_FILENO)
    /// Standard error, where it writes everything else.
    package static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private struct Condition {
        /// Part of the last line is missing, its end too.
        var endsInsideLine = false
        /// The last line was given up after waiting; the next ones are not waited for.
        var isStuck = false
    }

    private let descriptor: Int32
    private let condition = Mutex(Condition())
    /// In milliseconds, as the system wants it.
    private let patience: Int32

    /// - Parameters:
    ///   - descriptor: stays the caller's, and open for as long as this is used.
    ///   - patience: how long a line waits for a descriptor that does not block, each time that it takes nothing more.
    package init(descriptor: Int32, patience: Duration = .milliseconds(100)) {
        self.descriptor = descriptor
        self.patience = Int32(clamping: max(0, patience.clampedNanoseconds / 1_000_000))
    }

    /// Whether a person looks at it (U-C-32).
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes a line, which brings its line break.
    package func write(_ line: [UInt8]) {
        condition.withLock { condition in
            let line = condition.endsInsideLine ? [UInt8(ascii: "\n")] + line : line
            let written = put(line, patience: condition.isStuck ? 0 : patience)
            condition.isStuck = written < line.count
            // What is left to end is the line that was begun before, if of this one not a byte has gone.
            if written > 0 { condition.endsInsideLine = written < line.count }
        }
    }

    /// - Returns: how much was written; less than all if it cannot be.
    private func put(_ line: [UInt8], patience: Int32) -> Int {
        line.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: bytes[written...]))
                if count > 0 {
                    written += count
                } else {
                    guard count < 0, errno == EINTR || takesMore(within: patience) else { break }
                }
            }
            return written
        }
    }

    /// Waits, after a call that was refused, for a descriptor that does not block.
    private func takesMore(within patience: Int32) -> Bool {
        guard errno == EAGAIN || errno == EWOULDBLOCK else { return false }
        var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&interest, 1, patience)
        return ready > 0 || ready < 0 && errno == EINTR
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
