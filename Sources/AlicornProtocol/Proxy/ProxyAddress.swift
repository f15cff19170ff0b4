// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The address of a proxy for clients, such as `http://user:password@proxy.example:3128` or `socks5h://[::1]` (PRX-06).
public struct ProxyAddress: Sendable, Hashable {
    /// How the proxy is spoken to.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// `CONNECT` (RFC 9110 §9.3.6) over TCP.
        case http
        /// `CONNECT` over TLS.
        case https
        /// SOCKS 4: IPv4 addresses only; names are resolved here.
        case socks4
        /// SOCKS 4A: the proxy resolves names.
        case socks4a
        /// SOCKS 5 (RFC 1928); names are resolved here.
        case socks5
        /// SOCKS 5; the proxy resolves names.
        case socks5h

        /// 80 and 443 for HTTP, and 1080 for SOCKS.
        public var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            case .socks4, .socks4a, .socks5, .socks5h: 1080
            }
        }

        /// Whether the client has to resolve the names of servers.
        public var resolvesNamesLocally: Bool { self == .socks4 || self == .socks5 }
    }

    /// How the proxy is spoken to: the address's scheme.
    public let kind: Kind
    /// The port, the kind's default if the address gives none.
    public let port: Int
    /// User name and password for the proxy.
    public let credentials: BasicCredentials?

    private let hostName: HostName

    /// Parses an address; without a scheme it is that of an HTTP proxy.
    ///
    /// - Throws: ``InvalidProxy`` with the rule that is broken.
    public init(_ text: String) throws(InvalidProxy) { try self.init(text, withoutScheme: .http) }

    init(_ text: String, withoutScheme kind: Kind) throws(InvalidProxy) {
        do throws(InvalidProxy.Reason) {
            let hasScheme = text.drop { $0 != ":" }.hasPrefix("://")
            try self.init(parsing: hasScheme ? text : "\(kind.rawValue)://\(text)")
        } catch { throw InvalidProxy(text, error) }
    }

    private init(parsing text: String) throws(InvalidProxy.Reason) {
        let authority: Authority
        do throws(InvalidURI.Reason) {
            let parts = try WebSocketURI.split(Array(text.utf8))
            let scheme = String(decoding: parts.scheme.lazy.map(\.asciiLowercased), as: UTF8.self)
            guard let kind = Kind(rawValue: scheme) else { throw .scheme(scheme) }
            self.kind = kind
            authority = try Authority(of: parts)
            guard parts.resource.isEmpty || parts.resource.elementsEqual("/".utf8) else { throw .fragment }
        } catch {
            switch error {
            case .scheme(let scheme): throw .scheme(scheme)
            case .fragment: throw .path
            default: throw .authority(error)
            }
        }
        hostName = authority.host
        port = authority.port ?? kind.defaultPort
        credentials = authority.credentials
    }
}

extension ProxyAddress {
    /// The host to connect to: in lower case, in ASCII, an IPv6 address without its brackets.
    public var host: String { hostName.text }
}

extension ProxyAddress: CustomStringConvertible {
    /// The address in its normal form, without user name and password: fit for logs.
    public var description: String { "\(kind.rawValue)://\(hostName.bracketed):\(port)" }
}

/// Why a text is not the address of a proxy.
public struct InvalidProxy: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule that is broken.
    public enum Reason: Error, Sendable, Hashable {
        /// A scheme for which no ``ProxyAddress/Kind`` stands.
        case scheme(String)
        /// A path, query or fragment, which the address of a proxy does not have.
        case path
        /// No valid host, port, user name or password.
        case authority(InvalidURI.Reason)
    }

    /// The text, without the user name and password that may have been in it.
    public let address: String
    /// The rule that is broken.
    public let reason: Reason

    init(_ address: String, _ reason: Reason) {
        self.address = InvalidURI.withoutUserInformation(address)
        self.reason = reason
    }

    /// A sentence with the address and the reason.
    public var description: String { "\(Excerpt(address)) is not the address of a proxy: \(explanation)" }

    private var explanation: String {
        switch reason {
        case .scheme(let scheme):
            "its scheme is \(Excerpt(scheme)), and has to be one of "
                + ProxyAddress.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        case .path: "it has a path, query or fragment"
        case .authority(let reason): reason.explanation
        }
    }
}
