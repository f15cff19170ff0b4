// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
import Synchronization

/// What an application is told of a request, or of a WebSocket connection that is to be opened (A-HS, A-WS).
///
/// What takes work is made when it is asked for: most applications look at little of it.
package final class RequestScope: Sendable {
    private let kept: Mutex<KeptHead>
    /// In upper case (A-HS-05).
    package let method: String
    /// Who has sent it: the socket's other end, or whom a trusted proxy names (A-HS-12).
    package let client: SocketEndpoint
    /// What the server listens on (A-HS-13).
    package let server: SocketEndpoint
    /// Whether the client came over TLS, as far as this server or a proxy that it trusts can tell.
    package let isSecure: Bool
    /// Where the application is mounted (A-HS-10).
    package let rootPath: String

    package init(
        _ head: consuming RequestHead, client: SocketEndpoint, server: SocketEndpoint, isSecure: Bool,
        rootPath: String = ""
    ) {
        method = head.method.inUpperCase
        kept = Mutex(.parsed(head))
        self.client = client
        self.server = server
        self.isSecure = isSecure
        self.rootPath = rootPath
    }

    private enum KeptHead: Sendable {
        case parsed(RequestHead)
        case packed(OpeningHeads)
    }

    /// Method, target and header fields as they came (A-HS-11).
    package var head: RequestHead {
        kept.withLock { kept in
            switch kept {
            case .parsed(let head): head
            case .packed(let heads): heads.request
            }
        }
    }

    /// The request's target, without the rest of the head.
    private var target: String {
        kept.withLock { kept in
            switch kept {
            case .parsed(let head): head.target
            case .packed(let heads): heads.request.target
            }
        }
    }

    /// Lets go of the head, which stands in the `heads` that an open connection keeps anyway: whoever asks from now on has
    /// it parsed again.
    func share(_ heads: OpeningHeads) { kept.withLock { $0 = .packed(heads) } }
}

extension RequestScope {
    /// `1.0` or `1.1` (A-HS-04).
    package var httpVersion: String { head.version >= .http11 ? "1.1" : "1.0" }

    /// The path with percent-encoding undone and the root path in front; bytes that are no UTF-8 become replacement
    /// characters (A-HS-07, U-H-04).
    package var path: String {
        let target = pathAndQuery
        // Most are the path, and as it is.
        if rootPath.isEmpty, !target.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "?") }) {
            return target
        }
        return rootPath + String(decoding: PercentEncoding.undo(Self.path(of: target).utf8), as: UTF8.self)
    }

    /// The path as it was sent, with the root path in front (A-HS-08, U-H-05).
    package var rawPath: String { rootPath + targetPath }

    /// What stands behind the question mark, as it was sent (A-HS-09).
    package var queryString: Substring {
        let target = pathAndQuery
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        return target[target.utf8.index(after: mark)...]
    }

    /// The path as it was sent, without the root path: what the application's own routes are for.
    package var targetPath: Substring { Self.path(of: pathAndQuery) }

    private static func path(of target: String) -> Substring {
        target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...]
    }

    /// Targets in asterisk or authority form have no path but themselves (U-H-09).
    private var pathAndQuery: String {
        let target = target
        if target.utf8.first == UInt8(ascii: "/") { return target }
        let text = head.pathAndQuery
        return text.isEmpty ? target : text
    }

    /// The client's address and port for a line of the log; empty for that of a Unix socket (U-LG-04).
    package var clientText: String {
        guard let address = client.ipAddress, let port = client.port else { return "" }
        return "\(address):\(port)"
    }
}

extension String {
    fileprivate var inUpperCase: String {
        utf8.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ? uppercased() : self
    }
}
