// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A way to the server by SOCKS 4, or 4A when the server has a name ("SOCKS: A protocol for TCP proxy across firewalls",
/// "SOCKS 4A: A Simple Extension to SOCKS 4 Protocol").
final class SOCKS4Tunnel: ProxyTunnel {
    private let request: TunnelRequest
    private var reply = ReplyBuffer()

    init(_ request: TunnelRequest) { self.request = request }

    func start() throws(ProxyFailure) -> [UInt8] {
        let target = request.target
        let user = Array((request.proxy.credentials?.username ?? "").utf8)
        guard user.count <= 255 else { throw .unfitLength }
        var output: [UInt8] = [4, 1, UInt8(target.port >> 8), UInt8(target.port & 0xFF)]
        switch target.host {
        case .ipv4(let address): output += address + user + [0]
        case .name(let name):
            guard name.utf8.count <= 255 else { throw .unfitLength }
            // An address that can be none says that a name follows.
            output += [0, 0, 0, 1] + user + [0] + Array(name.utf8) + [0]
        case .ipv6: throw .needsIPv4
        }
        return output
    }

    func receive(_ input: Span<UInt8>) throws(ProxyFailure) -> TunnelStep {
        var position = 0
        let isWhole = reply.fill(to: 8, from: input, at: &position)
        if let version = reply.bytes.first, version != 0 { throw .notSOCKS(version: 4, got: version) }
        guard isWhole else { return .wait }
        switch reply.bytes[1] {
        case 90: return .open(consumed: position)
        case 92, 93: throw .credentialsRefused
        case let code: throw .notConnected(version: 4, code: code)
        }
    }

    func receiveEOF() -> ProxyFailure { .ended }
}
