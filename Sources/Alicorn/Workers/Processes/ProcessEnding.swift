// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How a process ended.
package enum ProcessEnding: Sendable, Hashable {
    case exited(status: Int32)
    case killed(signal: Int32)
    /// Somebody else was told, or nobody will be.
    case unknown

    /// From what `waitpid` says.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(status: waitStatus >> 8 & 0xff) : .killed(signal: signal)
    }
}

extension ProcessEnding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
        case .unknown: "is gone"
        }
    }
}
