// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A call of the system that failed.
package struct SystemFailure: Error, Hashable, CustomStringConvertible {
    /// The call's name in the manual.
    package var call: String
    /// What it left in `errno`.
    package var number: Int32

    package init(_ call: String, _ number: Int32 = errno) {
        self.call = call
        self.number = number
    }

    /// What went wrong, in the system's words.
    package var reason: String { String(cString: strerror(number)) }

    /// Whether the process or the system has run out of descriptors or memory.
    package var isShortage: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number) }

    package var description: String { "\(reason) (\(call))" }
}
