// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The proxies that a process's environment names (PRX-01).
///
/// The first of these variables that is set and not empty counts, in lower case before upper case:
/// `ws_proxy` or `wss_proxy` by the address's scheme, `socks_proxy`, `https_proxy`, for `ws` also `http_proxy`, `all_proxy`.
/// Hosts in `no_proxy` are connected to directly, and so is this machine itself, whatever is set.
public struct ProxyEnvironment: Sendable {
    private let variables: [String: String]

    /// Takes the variables of an environment.
    public init(_ variables: [String: String]) { self.variables = variables }

    /// The proxy for connections to `uri`; `nil` for a direct one.
    ///
    /// - Throws: ``InvalidProxy`` when the variable that counts does not hold the address of a proxy.
    public func proxy(for uri: WebSocketURI) throws(InvalidProxy) -> ProxyAddress? {
        try proxy(toHost: uri.host, port: uri.port, isSecure: uri.isSecure)
    }

    /// The same for a server that is connected to elsewhere than its address says.
    ///
    /// - Parameter host: in lower case, an IPv6 address without brackets.
    package func proxy(toHost host: String, port: Int, isSecure: Bool) throws(InvalidProxy) -> ProxyAddress? {
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        if Self.isLoopback(host) { return nil }
        if let list = value(of: "no_proxy"), ProxyBypass(list).contains(host: host, port: port) { return nil }
        for name in isSecure ? Self.secureNames : Self.plainNames {
            guard let text = value(of: name) else { continue }
            return try ProxyAddress(text, withoutScheme: name == "socks_proxy" ? .socks5h : .http)
        }
        return nil
    }

    private static let secureNames = ["wss_proxy", "socks_proxy", "https_proxy", "all_proxy"]
    private static let plainNames = ["ws_proxy", "socks_proxy", "https_proxy", "http_proxy", "all_proxy"]

    private func value(of name: String) -> String? {
        if let value = variables[name], !value.isEmpty { return value }
        // To a CGI program HTTP_PROXY is a header that its client has sent (CVE-2016-5385).
        if name == "http_proxy", variables["REQUEST_METHOD"] != nil { return nil }
        return variables[name.uppercased()].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether a host is this machine by its name or address (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        return IPv4Address(host.utf8)?.bytes.first == 127
    }
}
