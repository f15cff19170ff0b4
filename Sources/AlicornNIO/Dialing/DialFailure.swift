// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import AlicornTransport
import NIOCore
import NIOPosix

/// Why a client got no connection to a server.
package enum DialFailure: Error, Sendable {
    /// No connection to a host, Unix socket or proxy came about, or it broke; the end of a sentence, and what SwiftNIO says.
    case notConnected(String, underlying: any Error)
    case proxy(ProxyFailure, ProxyAddress)
    case tls(TLSFailure)
    case timedOut
}

extension DialFailure {
    init(_ error: any Error, connectingTo endpoint: DialRoute.Endpoint) {
        switch error {
        case let failure as DialFailure: self = failure
        case ChannelError.connectTimeout: self = .timedOut
        default:
            let text = Self.explain(error)
            // An address is said once, by whoever tried it.
            let isSaid = text.hasPrefix("\(endpoint): ")
            self = .notConnected(isSaid ? text : "\(endpoint): \(text)", underlying: error)
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty { return explain(error.dnsAAAAError ?? error.dnsAError ?? error) }
            return error.connectionErrors.map { "\(SocketEndpoint($0.target)): \(explain($0.error))" }.joined(
                separator: ", ")
        case let error as IOError: return SystemFailure("connect", error.errnoCode).reason
        case SocketAddressError.unknown(let host, _): return "the host \(host) is not known"
        default: return "\(error)"
        }
    }
}

extension DialFailure {
    /// What the calls of the system said that failed, one for each address that was tried.
    package static func errorNumbers(in error: any Error) -> [Int32] {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.flatMap { errorNumbers(in: $0.error) }
        case let error as IOError: [error.errnoCode]
        default: []
        }
    }
}

extension DialRoute.Endpoint: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): HostAndPort.text(host: host, port: port)
        case .unix(let path): "the Unix socket \(path)"
        case .connected(let descriptor): "the connected socket \(descriptor)"
        }
    }
}
