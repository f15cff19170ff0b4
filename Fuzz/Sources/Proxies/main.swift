// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

// What proxies say: those in front of a server, of their clients, and those of a client, of the way to its server.
// Whatever comes in: no trap, no more taken than there is, and a header that is read the same however the bytes are cut.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    switch input.options.0 % 3 {
    case 0: readHeader(input)
    case 1: believe(input)
    default: tunnel(input)
    }
}

// MARK: - The PROXY protocol

func readHeader(_ input: FuzzInput) {
    let outcome = header(of: input.payload, cut: .none)
    for cut in input.cuts {
        check(header(of: input.payload, cut: cut) == outcome, "the header does not depend on the cuts")
    }
}

func header(of payload: [UInt8], cut: Cut) -> Result<ProxyHeader, ProxyViolation>? {
    for piece in cut.pieces(of: payload.count) {
        // Its own array, so that the address sanitizer sees a read beyond it.
        let arrived = Array(payload[..<piece.upperBound])
        do throws(ProxyViolation) {
            guard let header = try ProxyHeader.read(arrived.span) else {
                check(arrived.count < ProxyHeader.limit, "a header is not waited for beyond its limit")
                continue
            }
            check(header.length <= min(arrived.count, ProxyHeader.limit), "no more is taken than there is")
            return .success(header)
        } catch {
            check(!error.description.isEmpty, "a violation has a sentence")
            return .failure(error)
        }
    }
    return nil
}

// MARK: - Forwarded

/// Each line of the payload is a field's value.
func believe(_ input: FuzzInput) {
    let values = input.payload.split(separator: UInt8(ascii: "\n"), maxSplits: 64).map {
        String(decoding: $0, as: UTF8.self)
    }
    guard let networks = try? TrustedProxies(["127.0.0.0/8", "fd00::/8"]) else {
        fatalError("broken: the networks are right")
    }
    for (kind, name) in [(TrustedForwarding.Fields.forwarded, "Forwarded"), (.xForwarded, "X-Forwarded-For")] {
        let forwarding = TrustedForwarding(kind, from: networks)
        guard let client = told(of: values, in: name, forwarding), !networks.contains(client.address) else { continue }
        let forged = kind == .forwarded ? "for=198.51.100.66" : "198.51.100.66"
        check(
            told(of: [forged] + values, in: name, forwarding) == client, "what a client writes itself is not believed")
    }
}

func told(of values: [String], in name: String, _ forwarding: TrustedForwarding) -> TrustedForwarding.Client? {
    var fields = HeaderFields()
    do { for value in values { try fields.append(name: name, value: value) } } catch { return nil }
    let request = RequestHead(method: "GET", target: "/", fields: fields)
    check(forwarding.client(of: request, from: nil) == nil, "nobody is believed but the proxies")
    return forwarding.client(of: request, from: HostAddress(ipv4: 0x7F00_0001))
}

// MARK: - Tunnels

func tunnel(_ input: FuzzInput) {
    let kind = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"][Int(input.options.1 >> 1) % 6]
    let credentials = input.options.1 & 1 == 0 ? "" : "user:secret@"
    guard let proxy = try? ProxyAddress("\(kind)://\(credentials)proxy.example:1080") else {
        fatalError("broken: the address is a right one")
    }
    for cut in [Cut.none] + input.cuts { ask(proxy, input.payload, cut) }
}

func ask(_ proxy: ProxyAddress, _ payload: [UInt8], _ cut: Cut) {
    let request = TunnelRequest(
        to: "server.example", port: 443, address: proxy.kind == .socks4 ? "192.0.2.1" : nil, through: proxy,
        userAgent: "fuzz", limits: HTTPLimits())
    let tunnel = request.makeTunnel()
    var sent = 0
    do throws(ProxyFailure) {
        check(try !tunnel.start().isEmpty, "the client speaks first")
        for piece in cut.pieces(of: payload.count) {
            let arrived = Array(payload[piece])
            switch try tunnel.receive(arrived.span) {
            case .wait: continue
            case .send(let bytes):
                sent += 1
                check(!bytes.isEmpty && sent <= 2, "a tunnel takes few steps")
            case .open(let consumed):
                check(consumed <= arrived.count, "no more is taken than there is")
                return
            }
        }
        check(!tunnel.receiveEOF().description.isEmpty, "a failure has a sentence")
    } catch {
        check(!error.description.isEmpty, "a failure has a sentence")
    }
}
