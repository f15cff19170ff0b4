// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A way to the server by SOCKS 5 (RFC 1928), without or with user name and password (RFC 1929).
///
/// ```
///  method ──── no identification ────▶ connection ── reply ──▶ open
///     └── user name, password ──▶ credentials ──▲
/// ```
final class SOCKS5Tunnel: ProxyTunnel {
    /// Which reply is awaited.
    private enum State {
        case method
        case credentials
        case connection
    }

    private let request: TunnelRequest
    private var state = State.method
    private var reply = ReplyBuffer()

    init(_ request: TunnelRequest) { self.request = request }

    private static let (noIdentification, userNameAndPassword, noneAcceptable) = (UInt8(0), UInt8(2), UInt8(0xFF))

    func start() throws(ProxyFailure) -> [UInt8] {
        if case .name(let name) = request.target.host, name.utf8.count > 255 { throw .unfitLength }
        guard let credentials = request.proxy.credentials else { return [5, 1, Self.noIdentification] }
        // RFC 1929 §2: from 1 to 255 bytes each.
        guard (1...255).contains(credentials.username.utf8.count), (1...255).contains(credentials.password.utf8.count)
        else { throw .unfitLength }
        return [5, 2, Self.noIdentification, Self.userNameAndPassword]
    }

    func receive(_ input: Span<UInt8>) throws(ProxyFailure) -> TunnelStep {
        var position = 0
        switch state {
        case .method:
            guard try fill(2, version: 5, from: input, at: &position) else { return .wait }
            return try next(after: position, in: input, try answer(toMethod: reply.bytes[1]))
        case .credentials:
            guard try fill(2, version: 1, from: input, at: &position) else { return .wait }
            guard reply.bytes[1] == 0 else { throw .credentialsRefused }
            return try next(after: position, in: input, connect())
        case .connection:
            guard try fill(5, version: 5, from: input, at: &position) else { return .wait }
            guard reply.bytes[1] == 0 else { throw .notConnected(version: 5, code: reply.bytes[1]) }
            return try fill(lengthOfReply(), version: 5, from: input, at: &position)
                ? .open(consumed: position) : .wait
        }
    }

    func receiveEOF() -> ProxyFailure { .ended }

    private func fill(
        _ count: Int, version: UInt8, from input: Span<UInt8>, at position: inout Int
    ) throws(ProxyFailure) -> Bool {
        let isWhole = reply.bytes.count >= count || reply.fill(to: count, from: input, at: &position)
        if let first = reply.bytes.first, first != version { throw .notSOCKS(version: 5, got: first) }
        return isWhole
    }

    /// The proxy may not say more before we have.
    private func next(after position: Int, in input: Span<UInt8>, _ bytes: [UInt8]) throws(ProxyFailure) -> TunnelStep {
        guard position == input.count else { throw .unexpectedBytes }
        reply.clear()
        return .send(bytes)
    }

    private func answer(toMethod method: UInt8) throws(ProxyFailure) -> [UInt8] {
        switch method {
        case Self.noIdentification: return connect()
        case Self.userNameAndPassword:
            guard let credentials = request.proxy.credentials else { throw .credentialsRequired }
            state = .credentials
            let (user, password) = (Array(credentials.username.utf8), Array(credentials.password.utf8))
            return [1, UInt8(user.count)] + user + [UInt8(password.count)] + password
        case Self.noneAcceptable where request.proxy.credentials == nil: throw .credentialsRequired
        default: throw .noMethod(method)
        }
    }

    private func connect() -> [UInt8] {
        state = .connection
        let target = request.target
        let address: [UInt8] =
            switch target.host {
            case .ipv4(let bytes): [1] + bytes
            case .name(let name): [3, UInt8(name.utf8.count)] + Array(name.utf8)
            case .ipv6(let bytes): [4] + bytes
            }
        return [5, 1, 0] + address + [UInt8(target.port >> 8), UInt8(target.port & 0xFF)]
    }

    /// RFC 1928 §6: four bytes, the address that the proxy is bound to, and a port.
    private func lengthOfReply() throws(ProxyFailure) -> Int {
        switch reply.bytes[3] {
        case 1: 4 + 4 + 2
        case 3: 4 + 1 + Int(reply.bytes[4]) + 2
        case 4: 4 + 16 + 2
        case let kind: throw .notSOCKS(version: 5, got: kind)
        }
    }
}
