// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The signals that this process gets, as bytes of a pipe, so that a loop waits for them as for anything else.
///
/// One at a time in a process: signal handlers are the process'.
final class SignalPipe {
    /// Becomes readable when a signal has come.
    let descriptor: Int32
    private let signals: [ProcessSignal]
    private var replaced: [(signal: ProcessSignal, action: sigaction)] = []

    /// Takes the signals over, until it goes.
    init(_ signals: [ProcessSignal]) throws(SystemFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemFailure("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        self.signals = signals
        noteEnd.store(ends[1], ordering: .sequentiallyConsistent)
        for signal in signals { replaced.append((signal, Self.handle(signal.number))) }
        unblock()
    }

    /// Who started this process may have left signals blocked; one thread that takes them is enough.
    private func unblock() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.number) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    deinit {
        for (signal, var action) in replaced { sigaction(signal.number, &action, nil) }
        close(noteEnd.exchange(-1, ordering: .sequentiallyConsistent))
        close(descriptor)
    }

    /// The signals that have come since, in their order.
    func take() -> [ProcessSignal] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { bytes in
            let count = max(0, read(descriptor, bytes.baseAddress, bytes.count))
            return bytes.prefix(count).compactMap { byte in signals.first { $0.number == Int32(byte) } }
        }
    }

    /// - Returns: what was done about the signal before.
    private static func handle(_ number: Int32) -> sigaction {
        var (action, before) = (sigaction(), sigaction())
        #if canImport(Glibc) || canImport(Musl)
        action.__sigaction_handler.sa_handler = note
        #else
        action.__sigaction_u.__sa_handler = note
        #endif
        action.sa_flags = Int32(SA_RESTART)
        sigaction(number, &action, &before)
        return before
    }
}

/// The end of the pipe that the handler writes to; -1 for none.
private let noteEnd = Atomic<Int32>(-1)

/// Runs in the midst of anything: it may call `write`, and has to leave `errno` as it was. A full pipe holds thousands of
/// signals that nobody has looked at; one more is not missed.
private func note(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(noteEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
