// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Hears signals that would end the process otherwise, for as long as it is there.
package final class SignalWatch: Sendable {
    /// The numbers of the signals, as they come.
    package let signals: AsyncStream<Int32>
    private let numbers: [Int32]
    private let sources: Sources

    private struct Sources: @unchecked Sendable {
        // SAFETY: made in `init`, and cancelled: both may be done on any thread (dispatch_source_cancel(3)).
        let sources: [any DispatchSourceSignal]
    }

    /// Hears these from now on.
    package init(_ numbers: Int32...) {
        let (signals, note) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        self.signals = signals
        self.numbers = numbers
        sources = Sources(
            sources: numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { note.yield(number) }
                source.resume()
                return source
            })
    }

    deinit { stop() }

    /// Hears no more of them: they do again what they do by default.
    package func stop() {
        for source in sources.sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
