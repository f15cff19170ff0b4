// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
import Dispatch

/// Hears signals that would end the process otherwise, for as long as it is there.
///
/// They come by a pipe: a source of Dispatch's for signals begins to watch them some time after it was made, and those that come
/// before are lost.
package final class SignalWatch: Sendable {
    /// The signals, as they come.
    package let signals: AsyncStream<ProcessSignal>
    private let watched: Watched

    private struct Watched: @unchecked Sendable {
        // SAFETY: the pipe is read on the source's queue alone, and released once, which only touches what reading does not.
        let pipe: SignalPipe
        let source: any DispatchSourceRead
    }

    /// Hears these from now on.
    package init(_ signals: ProcessSignal...) throws(SystemFailure) {
        let (heard, note) = AsyncStream.makeStream(of: ProcessSignal.self, bufferingPolicy: .bufferingNewest(16))
        self.signals = heard
        let pipe = try SignalPipe(signals)
        let source = DispatchSource.makeReadSource(
            fileDescriptor: pipe.descriptor, queue: DispatchQueue(label: "alicorn.signals"))
        watched = Watched(pipe: pipe, source: source)
        source.setEventHandler { [watched] in
            for signal in watched.pipe.take() { note.yield(signal) }
        }
        source.setCancelHandler { note.finish() }
        source.resume()
    }

    deinit { stop() }

    /// Hears no more of them: they do again what they did before.
    package func stop() {
        guard !watched.source.isCancelled else { return }
        watched.source.cancel()
        watched.pipe.release()
    }
}
