// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

extension SocketEndpoint {
    /// The end with that address and port.
    package init(_ address: HostAddress, port: UInt16) {
        if address.isIPv4 {
            self = .ipv4(UInt32(truncatingIfNeeded: address.bits).bigEndian, port: port)
        } else {
            self = .ipv6(
                UInt64(truncatingIfNeeded: address.bits >> 64).bigEndian,
                UInt64(truncatingIfNeeded: address.bits).bigEndian, port: port, zone: 0)
        }
    }

    /// Whether the system has said where the peer is: only such a peer can be a trusted one.
    package var isKnown: Bool { if case .named = self { false } else { true } }

    /// The IP address, where there is one.
    package var hostAddress: HostAddress? {
        switch self {
        case .ipv4(let address, _): HostAddress(ipv4: UInt32(bigEndian: address))
        case .ipv6(let high, let low, _, _):
            HostAddress(bits: UInt128(UInt64(bigEndian: high)) << 64 | UInt128(UInt64(bigEndian: low)))
        case .unix, .named: nil
        }
    }
}
