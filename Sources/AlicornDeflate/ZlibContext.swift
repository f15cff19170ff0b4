// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CZlib

/// A stream of zlib and what it was made for.
///
/// It has one holder at a time, a connection's isolation or a ``ContextPool``, and so may go from thread to thread.
@safe final class ZlibContext: @unchecked Sendable {
    enum Kind: Sendable, Hashable, BitwiseCopyable {
        case deflating(windowBits: Int32, level: Int32, memoryLevel: Int32)
        case inflating(windowBits: Int32)
    }

    let kind: Kind
    /// Initialised. It lies on the heap because zlib keeps its address.
    let stream: UnsafeMutablePointer<z_stream>

    init(_ kind: Kind) {
        self.kind = kind
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        // SAFETY: one z_stream was allocated; zero is the state that zlib wants before it initialises one.
        unsafe stream.initialize(to: z_stream())
        let status =
            switch kind {
            case .deflating(let windowBits, let level, let memoryLevel):
                unsafe alicorn_deflateInit2(stream, level, -windowBits, memoryLevel)
            case .inflating(let windowBits): unsafe alicorn_inflateInit2(stream, -windowBits)
            }
        precondition(status == Z_OK, "no memory for a context of zlib")
    }

    deinit {
        // SAFETY: it was initialised, and nobody holds it any more.
        switch kind {
        case .deflating: unsafe deflateEnd(stream)
        case .inflating: unsafe inflateEnd(stream)
        }
        unsafe stream.deallocate()
    }

    /// Forgets all that went through it.
    func reset() {
        switch kind {
        case .deflating: unsafe deflateReset(stream)
        case .inflating: unsafe inflateReset(stream)
        }
    }
}
