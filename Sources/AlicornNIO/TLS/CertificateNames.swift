// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOSSL

/// The servers that a certificate is for: the DNS names and IP addresses among its alternative names (RFC 5280 §4.2.1.6).
struct CertificateNames {
    /// In lower case.
    let names: [String]
    /// Four or sixteen bytes each.
    let addresses: [[UInt8]]

    init(names: [String], addresses: [[UInt8]]) {
        self.names = names
        self.addresses = addresses
    }

    init(_ certificate: NIOSSLCertificate) {
        var names: [String] = []
        var addresses: [[UInt8]] = []
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: names.append(String(decoding: name.contents.map(\.asciiLowercased), as: UTF8.self))
            case .ipAddress: addresses.append(Array(name.contents))
            default: break
            }
        }
        self.init(names: names, addresses: addresses)
    }

    /// Whether the certificate is for `host` (RFC 9525 §6.3): an address among its addresses, a name among its names.
    func contain(_ host: TunnelTarget.Host) -> Bool {
        switch host {
        case .ipv4(let bytes), .ipv6(let bytes): return addresses.contains(bytes)
        case .name(let name):
            let wanted = name.hasSuffix(".") ? name.dropLast() : name[...]
            return names.contains { Self.matches($0, wanted.lowercased()) }
        }
    }

    /// An asterisk stands for the first label, whole, and only before two others at least.
    private static func matches(_ pattern: String, _ name: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return pattern == name }
        let rest = pattern.dropFirst()
        guard rest.dropFirst().contains("."), let dot = name.firstIndex(of: "."), dot != name.startIndex else {
            return false
        }
        return name[dot...] == rest
    }
}

extension CertificateNames: CustomStringConvertible {
    /// What it is for, as a list, shortened.
    var description: String {
        let all = names + addresses.map(Self.text)
        let shown = all.prefix(5).map { Excerpt($0).description }.joined(separator: ", ")
        return all.isEmpty ? "no name" : all.count > 5 ? "\(shown) and others" : shown
    }

    private static func text(of address: [UInt8]) -> String {
        guard address.count == 16 else { return address.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(address[$0]) << 8 | Int(address[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}
