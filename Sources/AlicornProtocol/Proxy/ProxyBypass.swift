// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The hosts of a `no_proxy` variable: those that are connected to without a proxy.
///
/// The entries stand between commas or spaces. `example.com`, `.example.com` and `*.example.com` each stand for the host and
/// all below it, an IP address for itself, a network such as `10.0.0.0/8` for its addresses, `*` for everything; with a port
/// behind a colon an entry holds for that alone.
struct ProxyBypass: Sendable, Hashable {
    private struct Entry: Hashable {
        let host: Substring
        let port: Int?
    }

    private let entries: [Entry]
    /// Networks, and addresses without a port.
    private let networks: [IPNetwork]

    init(_ list: String) {
        let texts = list.lowercased().split { $0 == "," || $0.isWhitespace }
        entries = texts.compactMap(Self.entry)
        networks = texts.compactMap { try? IPNetwork(String($0)) }
    }

    /// - Parameter host: in lower case, an IPv6 address without brackets, a name without a dot at its end.
    func contains(host: String, port: Int) -> Bool {
        if let address = HostAddress(host.utf8), networks.contains(where: { $0.contains(address) }) { return true }
        return entries.contains { entry in
            guard entry.port == nil || entry.port == port else { return false }
            return entry.host == "*" || host == entry.host || host.hasSuffix(".\(entry.host)")
        }
    }

    /// - Returns: `nil` for what names no host, which then is nobody's.
    private static func entry(_ text: Substring) -> Entry? {
        do throws(InvalidHost) {
            let parts = try HostAndPort.split(Array(text.utf8)[...])
            let port = try HostAndPort.port(parts.port)
            if parts.host.first == UInt8(ascii: "["), let address = IPv6Address(parts.host.dropFirst().dropLast()) {
                return Entry(host: address.description[...], port: port)
            }
            if parts.host.elementsEqual("*".utf8) { return Entry(host: "*", port: port) }
            let name = parts.host.drop { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ".") }
            return Entry(host: try HostName(iri: name).withoutRoot[...], port: port)
        } catch { return nil }
    }
}
