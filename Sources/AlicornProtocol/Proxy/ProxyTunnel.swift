// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a proxy is asked to connect to.
package struct TunnelTarget: Sendable, Hashable {
    package enum Host: Sendable, Hashable {
        /// A name in ASCII, which the proxy resolves.
        case name(String)
        /// The four bytes of an IPv4 address.
        case ipv4([UInt8])
        /// The sixteen bytes of an IPv6 address.
        case ipv6([UInt8])

        /// - Parameter text: a name in ASCII, or an IP address without brackets.
        package init(_ text: String) {
            if let address = IPv4Address(text.utf8) {
                self = .ipv4(address.bytes)
            } else if let address = IPv6Address(text.utf8) {
                self = .ipv6(address.groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
            } else {
                self = .name(text)
            }
        }
    }

    package let host: Host
    package let port: Int
}

/// What is asked of a proxy: everything from which to begin anew for each connection.
package struct TunnelRequest: Sendable {
    package let proxy: ProxyAddress
    package let target: TunnelTarget
    /// Host and port as they stand in a URI.
    package let authority: String
    package let userAgent: String?
    package let limits: HTTPLimits

    /// - Parameters:
    ///   - host: a name in ASCII, or an IP address without brackets.
    ///   - address: the host's IP address, where the kind of proxy has names resolved here.
    package init(
        to host: String, port: Int, address: String? = nil, through proxy: ProxyAddress, userAgent: String?,
        limits: HTTPLimits
    ) {
        self.proxy = proxy
        target = TunnelTarget(host: .init(address ?? host), port: port)
        authority = HostAndPort.text(host: host, port: port)
        self.userAgent = userAgent
        self.limits = limits
    }

    /// Begins to ask.
    package func makeTunnel() -> any ProxyTunnel {
        switch proxy.kind {
        case .http, .https: HTTPTunnel(self)
        case .socks4, .socks4a: SOCKS4Tunnel(self)
        case .socks5, .socks5h: SOCKS5Tunnel(self)
        }
    }
}

/// The client's side of asking a proxy for a way to a server: bytes in, bytes out, no I/O.
package protocol ProxyTunnel: AnyObject {
    /// What to send first.
    func start() throws(ProxyFailure) -> [UInt8]
    /// Takes what the proxy sent.
    func receive(_ input: Span<UInt8>) throws(ProxyFailure) -> TunnelStep
    /// The proxy has ended its side.
    func receiveEOF() -> ProxyFailure
}

/// What is to be done next with a proxy.
package enum TunnelStep: Sendable, Hashable {
    /// It has not said enough.
    case wait
    /// These bytes have to be sent.
    case send([UInt8])
    /// The way to the server is open, and so many bytes of the last input were the proxy's.
    case open(consumed: Int)
}

/// Bytes that are collected until there are as many as a reply has.
struct ReplyBuffer {
    private(set) var bytes: [UInt8] = []

    /// Takes from `input`, from `position` on, until there are `count`; whether there are.
    mutating func fill(to count: Int, from input: Span<UInt8>, at position: inout Int) -> Bool {
        while bytes.count < count, position < input.count {
            bytes.append(input[position])
            position += 1
        }
        return bytes.count == count
    }

    mutating func clear() { bytes = [] }
}
