// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Where a server listens.
package enum ListenAddress: Sendable, Hashable {
    /// A host's name or IP address, and a port; with 0 the system picks one.
    case tcp(host: String, port: Int)
    /// A Unix socket in the file system, and the permissions of its file; without them, what the process' mask leaves.
    case unix(path: String, permissions: UInt16? = nil)
    /// A socket that was bound by somebody else and inherited, as from a supervisor. It stays theirs to close.
    case descriptor(Int32)
}

extension ListenAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): "\(host), port \(port)"
        case .unix(let path, _): "the Unix socket \(path)"
        case .descriptor(let number): "the inherited descriptor \(number)"
        }
    }
}
