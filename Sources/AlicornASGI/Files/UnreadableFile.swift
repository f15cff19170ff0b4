// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A file that was to be sent cannot be (A-EX-03, A-EX-04).
public struct UnreadableFile: Error, Sendable, Hashable {
    /// Why it cannot be sent.
    public enum Cause: Sendable, Hashable {
        /// Its path does not begin with a slash.
        case relative
        /// There is none.
        case missing
        /// It is a folder, a FIFO, a device or a socket.
        case notRegular
        /// It is shorter than it was when sending it began, or than what was to be sent of it.
        case tooShort
        /// What the system says against it, by its `errno`.
        case system(Int32)
    }

    /// Its path, or which descriptor it is.
    public let name: String
    /// Why it cannot be sent.
    public let cause: Cause

    package init(_ name: String, _ cause: Cause) {
        self.name = name
        self.cause = cause
    }

    init(_ name: String, _ number: Int32) {
        self.init(name, [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(number) ? .missing : .system(number))
    }
}

extension UnreadableFile: CustomStringConvertible {
    /// What is wrong with which file, and what to do.
    public var description: String {
        let name = Excerpt(name)
        return switch cause {
        case .relative: "the file \(name) cannot be sent by a relative path: give one that begins with a slash"
        case .missing: "there is no file \(name) to be sent"
        case .notRegular: "\(name) is not a regular file: nothing else is sent"
        case .tooShort: "the file \(name) is shorter than what was to be sent of it: somebody has changed it meanwhile"
        case .system(let number): "the file \(name) cannot be read: \(String(cString: strerror(number)))"
        }
    }
}
