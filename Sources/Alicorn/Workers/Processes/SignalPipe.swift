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
/// No signal is another's at the same time: signal handlers are the process'.
final class SignalPipe {
    /// Becomes readable when a signal has come.
    let descriptor: Int32
    private let noteEnd: Int32
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
        noteEnd = ends[1]
        self.signals = signals
        for signal in signals {
            noteEnds[Int(signal.number)].store(noteEnd, ordering: .sequentiallyConsistent)
            replaced.append((signal, Self.handle(signal.number)))
        }
        unblock()
    }

    /// Who started this process may have left signals blocked; one thread that takes them is enough.
    private func unblock() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.number) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Has the signals do again what they did before.
    func release() {
        for (signal, var action) in replaced {
            sigaction(signal.number, &action, nil)
            noteEnds[Int(signal.number)].store(-1, ordering: .sequentiallyConsistent)
        }
        replaced = []
    }

    deinit {
        release()
        close(noteEnd)
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

/// For each signal the end of the pipe that its handler writes to; -1 for none.
// SAFETY: as many places as there are numbers of signals, made before the first handler is, and never freed.
nonisolated(unsafe) private let noteEnds: UnsafeMutablePointer<Atomic<Int32>> = {
    let count = 65
    let ends = UnsafeMutablePointer<Atomic<Int32>>.allocate(capacity: count)
    for index in 0..<count { (ends + index).initialize(to: Atomic(-1)) }
    return ends
}()

/// Runs in the midst of anything: it may call `write`, and has to leave `errno` as it was. A full pipe holds thousands of
/// signals that nobody has looked at; one more is not missed.
private func note(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(noteEnds[Int(number)].load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
