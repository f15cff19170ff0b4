// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A pipe of the system that a log writes to. Neither end blocks.
final class LogPipe: Sendable {
    let output: LogOutput
    let writer: Int32
    private let reader: Int32

    init(patience: Duration = .milliseconds(1)) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        for end in ends { precondition(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        (reader, writer) = (ends[0], ends[1])
        output = LogOutput(descriptor: writer, patience: patience)
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Takes out what was written since the last time.
    func take() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    /// The same, but waits for something to be there.
    func takeNext() -> String {
        var interest = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        poll(&interest, 1, 60_000)
        return take()
    }

    /// Writes without the log until the pipe takes no more.
    func fill() {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        while write(writer, piece, piece.count) > 0 {}
    }
}
