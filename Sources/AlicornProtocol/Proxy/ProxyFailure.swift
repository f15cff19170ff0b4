// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Why a proxy opened no way to the server (PRX-07).
public enum ProxyFailure: Error, Sendable {
    /// An HTTP proxy refused, with this response.
    case refused(HTTP1Response)
    /// An HTTP proxy did not answer in HTTP.
    case http(HTTPViolation)
    /// It ended the connection before it had answered.
    case ended
    /// It sent bytes that are the server's to send, before there was a way to the server.
    case unexpectedBytes
    /// What came is not SOCKS of that version; the byte that came instead of it.
    case notSOCKS(version: Int, got: UInt8)
    /// It wants a user name and password, and none were given (RFC 1928 §3).
    case credentialsRequired
    /// It accepts no way to identify that was offered (RFC 1928 §3).
    case noMethod(UInt8)
    /// The user name or password is wrong (RFC 1929 §2; codes 92 and 93 of SOCKS 4).
    case credentialsRefused
    /// A SOCKS proxy could not or would not connect; the code of its reply (RFC 1928 §6; SOCKS 4).
    case notConnected(version: Int, code: UInt8)
    /// The host's name, the user name or the password has another length than SOCKS can carry.
    case unfitLength
    /// SOCKS 4 knows IPv4 addresses only.
    case needsIPv4
    /// The request to the proxy cannot be sent.
    case misuse(HTTPMisuse)
}

extension ProxyFailure: CustomStringConvertible {
    /// What happened, as a sentence that begins with "the proxy".
    public var description: String {
        switch self {
        case .refused(let response):
            "the proxy answered \(response.head.status) \(response.head.reason.escapedForLog)"
                + (response.head.status == 407 ? ": it wants another user name and password" : "")
        case .http(let violation): "the proxy did not answer in HTTP: \(violation)"
        case .ended: "the proxy ended the connection before it had answered"
        case .unexpectedBytes: "the proxy sent bytes before there was a way to the server"
        case .notSOCKS(let version, let byte):
            "the proxy does not speak SOCKS \(version): it answered with the byte \(byte)"
        case .credentialsRequired: "the proxy wants a user name and password, and its address has none"
        case .noMethod(0xFF): "the proxy accepts none of the ways to identify that it was offered"
        case .noMethod(let method): "the proxy wants to identify us by the method \(method), which is not supported"
        case .credentialsRefused: "the proxy refuses the user name and password"
        case .notConnected(let version, let code):
            "the proxy did not connect: \(Self.text(version: version, code: code))"
        case .unfitLength:
            "the proxy cannot be told the host, the user name or the password: SOCKS has from 1 to 255 bytes for each"
        case .needsIPv4: "the proxy speaks SOCKS 4, which knows IPv4 addresses only: use socks4a, socks5 or socks5h"
        case .misuse(let misuse): "the proxy cannot be asked: \(misuse)"
        }
    }

    private static func text(version: Int, code: UInt8) -> String {
        switch (version, code) {
        case (5, 1): "general failure"
        case (5, 2): "its rules do not allow it"
        case (5, 3): "the network is unreachable"
        case (5, 4): "the host is unreachable"
        case (5, 5): "the server refused the connection"
        case (5, 6): "the time to live expired"
        case (5, 7): "it does not know how to connect"
        case (5, 8): "it does not know this kind of address"
        case (4, 91): "the request was rejected or failed"
        default: "code \(code)"
        }
    }
}
