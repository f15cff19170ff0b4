// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornNIO
package import AlicornProtocol
import Foundation

extension WebSocketClient.Configuration {
    /// The way to `uri`: the first connection, and what has to be got through on it.
    ///
    /// Waits for the name to be resolved where the proxy wants an IP address.
    package func route(to uri: WebSocketURI) async throws -> DialRoute {
        let server = try target(of: uri)
        let proxy = try proxy(to: server, isSecure: uri.isSecure)
        var route = DialRoute(to: server, socket: SocketOptions(addressFamily, localAddress: localAddress))
        if let proxy, case .tcp(let host, let port) = server {
            route.endpoint = .tcp(host: proxy.host, port: proxy.port)
            if proxy.kind == .https { route.stages.append(.tls(try layer(of: proxyTLS, to: proxy.host))) }
            let address = proxy.kind.resolvesNamesLocally ? try await address(of: host, for: proxy) : nil
            route.stages.append(
                .tunnel(
                    TunnelRequest(
                        to: host, port: port, address: address, through: proxy, userAgent: userAgent, limits: http)))
        }
        if uri.isSecure { route.stages.append(.tls(try layer(of: tls, to: uri.host))) }
        return route
    }

    /// Which proxy stands on the way to `uri`; `nil` for none.
    package func proxy(to uri: WebSocketURI) throws(WebSocketError) -> ProxyAddress? {
        try proxy(to: try target(of: uri), isSecure: uri.isSecure)
    }

    private func target(of uri: WebSocketURI) throws(WebSocketError) -> DialRoute.Endpoint {
        switch endpoint {
        case .tcp(let host, let port):
            guard (1...65535).contains(port) else {
                throw WebSocketError(.misuse, "the endpoint has the port \(port); ports go from 1 to 65535")
            }
            return .tcp(host: host, port: port)
        case .unix(let path): return .unix(path: path)
        case .connectedSocket(let descriptor): return .connected(descriptor: descriptor)
        case nil: return .tcp(host: uri.host, port: uri.port)
        }
    }

    private func proxy(to server: DialRoute.Endpoint, isSecure: Bool) throws(WebSocketError) -> ProxyAddress? {
        switch proxy {
        case .direct: return nil
        case .environment:
            guard case .tcp(let host, let port) = server else { return nil }
            do throws(InvalidProxy) {
                return try ProxyEnvironment(ProcessInfo.processInfo.environment)
                    .proxy(toHost: host.lowercased(), port: port, isSecure: isSecure)
            } catch {
                throw WebSocketError(.invalidAddress, "the environment's proxy: \(error)", underlying: error)
            }
        case .proxy(let proxy):
            guard case .tcp = server else {
                throw WebSocketError(
                    .misuse, "a proxy and a Unix or connected socket contradict each other: configure one of them")
            }
            return proxy
        }
    }

    private func layer(of tls: ClientTLS, to host: String) throws(WebSocketError) -> TLSClientLayer {
        do throws(TLSMisconfiguration) { return try tls.layer(to: host) } catch {
            throw WebSocketError(.misconfigured, "TLS with \(host) cannot begin: \(error)", underlying: error)
        }
    }

    private func address(of host: String, for proxy: ProxyAddress) async throws -> String? {
        do {
            let family = proxy.kind == .socks4 ? .ipv4 : addressFamily
            let addresses = try await AddressLookup.addresses(of: host, family)
            // A proxy that has no IPv6 is likelier than one that has nothing else.
            return addresses.first { !$0.contains(":") } ?? addresses.first
        } catch let error as AddressLookup.Failure {
            throw WebSocketError(
                .connectionFailed, "no connection to \(host): \(error)", underlying: error, transportReason: "\(error)")
        }
    }
}
