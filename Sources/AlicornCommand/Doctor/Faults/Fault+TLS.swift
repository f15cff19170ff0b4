// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import Foundation

/// TLS, and ports where it is taken for something else.
extension Fault {
    static func plainPort(_ uri: WebSocketURI, answersHTTP: Bool) -> Self {
        Self(
            .plainPort,
            "The address says wss://, and port \(uri.port) does not speak TLS"
                + (answersHTTP ? ": the same request in plain text is answered." : "."),
            remedy: """
                Use ws://\(uri.authority)\(uri.resourceName) on a trusted network. For browsers, and across the internet, \
                let nginx, Caddy or the server itself do TLS, and use that port.
                """)
    }

    static func tlsPort(_ uri: WebSocketURI) -> Self {
        Self(
            .tlsPort, "The address says ws://, and port \(uri.port) speaks TLS.",
            remedy: "Use wss://\(uri.authority)\(uri.resourceName).")
    }

    static func certificateExpired(_ name: String, at end: Int) -> Self {
        Self(
            .certificateExpired, "The certificate of \(name) has expired on \(Self.day(end)).",
            remedy: """
                Renew it, and have the server read it again: renewed files that nobody reads are the usual cause. If it is \
                still good elsewhere, look at this machine's clock.
                """)
    }

    static func certificateNotYetValid(_ name: String, until begin: Int) -> Self {
        Self(
            .certificateNotYetValid, "The certificate of \(name) is not valid before \(Self.day(begin)).",
            remedy: "Look at this machine's clock first; else use a certificate that is valid already.")
    }

    static func certificateUntrusted(_ name: String, issuer: String) -> Self {
        Self(
            .certificateUntrusted, "Nobody who is trusted here vouches for the certificate of \(name); \(issuer) does.",
            remedy: """
                If the authority is your own, name it with --ca FILE, and have clients trust it. If it is a public one, the \
                server leaves out the intermediate certificate: give it the whole chain (fullchain.pem). If neither is so, \
                somebody may stand between you and the server, such as a proxy that inspects TLS.
                """)
    }

    static func certificateName(_ name: String, names: String) -> Self {
        Self(
            .certificateName, "The certificate is not for \(name), but for \(names).",
            remedy: """
                Use one of its names in the address, or get a certificate for this one. If the server has several, it did not \
                pick the right one by the name it was asked for (SNI): --server-name NAME asks for another.
                """)
    }

    static func clientCertificate(_ failure: String) -> Self {
        Self(
            .clientCertificate, "The server wants a certificate of the client's: \(failure).",
            remedy:
                "Show one with --cert FILE and --key FILE. Browsers ask their user for one only where it is installed.")
    }

    static func tlsVersion(_ failure: String) -> Self {
        Self(
            .tlsVersion, "The server speaks only versions of TLS that are too old, or other ciphers: \(failure).",
            remedy: "Have the server speak TLS 1.2 or 1.3; browsers speak nothing older either (RFC 8996).")
    }

    static let http2Only = Self(
        .http2Only, "The server speaks HTTP/2 alone on this port, and the handshake is one of HTTP/1.1.",
        remedy: """
            Have the server or load balancer accept HTTP/1.1 beside it (ALPN http/1.1). Google Cloud Run: turn "HTTP/2 \
            end-to-end" off; Envoy and Istio: a listener with codec_type AUTO, upgrade_configs with websocket.
            """)

    static func unknownServerName(_ name: String) -> Self {
        Self(
            .unknownServerName, "The server knows no host of the name \(name): it ends TLS for that name (SNI).",
            remedy: "Use a name that the server is set up for, or set this one up; --server-name NAME asks for another."
        )
    }

    static func tlsEnded(_ failure: String) -> Self {
        Self(
            .tlsEnded, "The connection was cut in the TLS handshake: \(failure).",
            remedy: """
                A firewall that allows only some names does that, a load balancer without a certificate for this one, and a \
                server that is about to stop. Look into the log of whatever does TLS.
                """)
    }

    static func tlsTimeout(_ name: String, _ patience: Duration) -> Self {
        Self(
            .tlsTimeout,
            "\(name) accepts the connection, and then says nothing in the TLS handshake for \(patience.inWords).",
            remedy: """
                The port may belong to something that waits for the client's first word in another protocol, or the server \
                is stuck: look what listens there, and into its log.
                """)
    }

    static func tlsFailed(_ failure: String) -> Self {
        Self(
            .tlsFailed, "TLS does not come about: \(failure).",
            remedy: "Look into the log of whatever does TLS at that port, at the time of this attempt.")
    }

    /// The date, in UTC.
    static func day(_ secondsSince1970: Int) -> String {
        Date(timeIntervalSince1970: TimeInterval(secondsSince1970)).formatted(.iso8601.year().month().day())
    }
}
