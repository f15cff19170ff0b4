// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A file descriptor that is closed with its owner, unless somebody takes it.
struct OwnedDescriptor: ~Copyable {
    let number: Int32

    /// - Parameter call: the call of the system that gave the number, to name when it failed.
    init(_ number: Int32, from call: String) throws(SystemFailure) {
        guard number >= 0 else { throw SystemFailure(call) }
        self.number = number
    }

    /// Gives the descriptor away.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit { closeDescriptor(number) }
}

func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

#if canImport(Darwin) || canImport(Musl)
/// The type of sockets that carry a stream, as the system's calls want it.
package let streamSocketType: Int32 = SOCK_STREAM
#else
/// The type of sockets that carry a stream, as the system's calls want it.
package let streamSocketType = Int32(SOCK_STREAM.rawValue)
#endif
