// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// How a client gets to a server.
package struct DialRoute: Sendable {
    /// Where the first connection goes: to the server, or to a proxy.
    package enum Endpoint: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
        /// A socket that is connected already, and is ours from now on.
        case connected(descriptor: Int32)
    }

    /// What has to be got through on the connection before the server is at its other end.
    package enum Stage: Sendable {
        case tunnel(TunnelRequest)
        case tls(TLSClientLayer)
    }

    package var endpoint: Endpoint
    package var stages: [Stage]
    package var socket: SocketOptions

    package init(to endpoint: Endpoint, through stages: [Stage] = [], socket: SocketOptions = SocketOptions()) {
        self.endpoint = endpoint
        self.stages = stages
        self.socket = socket
    }
}

/// How sockets of clients are made (HC-18).
package struct SocketOptions: Sendable, Hashable {
    package var addressFamily: AddressFamily
    /// The IP address of ours to connect from.
    package var localAddress: String?

    package init(_ addressFamily: AddressFamily = .any, localAddress: String? = nil) {
        self.addressFamily = addressFamily
        self.localAddress = localAddress
    }
}
