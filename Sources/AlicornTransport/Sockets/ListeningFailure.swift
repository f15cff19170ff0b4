// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Why a server cannot listen where it was told to.
package enum ListeningFailure: Error, Hashable {
    /// The host has no address, in the resolver's words.
    case unknownHost(String)
    /// No port has that number.
    case invalidPort(Int)
    /// The path of a Unix socket is empty, or longer than the system allows, in bytes.
    case invalidPath(bytes: Int, limit: Int)
    /// Another server listens on the Unix socket.
    case pathInUse
    /// There is something else than a socket at the path.
    case notASocketFile
    /// The descriptor is not open.
    case notADescriptor
    /// The descriptor is something else than a stream socket.
    case notASocket
    /// The descriptor is a socket without an address.
    case notBound
    /// The descriptor is a socket that is connected.
    case connected
    /// The system refuses.
    case refused(SystemFailure)
}

extension ListeningFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownHost(let reason): "the host has no address here: \(reason)"
        case .invalidPort(let port): "\(port) is not a port: use 1 to 65535, or 0 to let the system pick one"
        case .invalidPath(let bytes, let limit):
            "the path of a Unix socket has 1 to \(limit) bytes, not \(bytes): use a shorter one"
        case .pathInUse: "another server is listening there: stop it, or use another path"
        case .notASocketFile: "there is a file that is no socket: remove it, or use another path"
        case .notADescriptor: "no such descriptor is open in this process: let the parent pass it on"
        case .notASocket: "it is not a stream socket: pass one of type SOCK_STREAM"
        case .notBound: "it is a socket without an address: bind it first"
        case .connected: "it is a connected socket, on which nobody can listen: pass the one that accepts connections"
        case .refused(let failure): "\(failure)"
        }
    }
}
