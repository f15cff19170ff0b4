// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Before there is a connection.
extension Fault {
    static func invalidAddress(_ failure: String) -> Self {
        Self(
            .invalidAddress, "The address cannot be read: \(failure).",
            remedy: "Write it as ws://host:port/path, or with wss:// for TLS. Quote it where a shell would read ? or &."
        )
    }

    static func unusableOptions(_ failure: String) -> Self {
        Self(
            .unusableOptions, "With these options nothing can be sent: \(failure).",
            remedy: "Change the option that the sentence names.")
    }

    static func unknownHost(_ host: String, _ failure: String) -> Self {
        Self(
            .unknownHost, "The name of the host leads nowhere: \(failure).",
            remedy: """
                Look for a slip in \(Excerpt(host)), and whether this machine's DNS knows the name (getent hosts NAME). A name \
                that a container or a private network knows is known only inside of it. With -4 or -6, leave it out.
                """)
    }

    static func connectionRefused(_ place: String) -> Self {
        Self(
            .connectionRefused, "The machine is there, and nothing listens at \(place).",
            remedy: """
                Start the server, or correct the port. A server that listens on 127.0.0.1 alone is not to be reached from \
                other machines or out of containers: have it listen on 0.0.0.0 or ::. On the machine itself, ss -ltn lists \
                what listens.
                """)
    }

    static func unreachable(_ place: String, _ reason: String) -> Self {
        Self(
            .unreachable, "There is no way to \(place): \(reason).",
            remedy: """
                Look at this machine's network, routes and VPN. If only IPv6 is without a way, try -4; if a firewall \
                answers so, have it let the port through.
                """)
    }

    static func noAnswerToTCP(_ place: String, _ patience: Duration) -> Self {
        Self(
            .noAnswerToTCP, "\(place) does not answer at all, not even with a refusal, for \(patience.inWords).",
            remedy: """
                As a rule a firewall or a security group drops what is sent: have it let the port through. Otherwise the \
                machine is off, the address is another's, or the server is too busy to accept.
                """)
    }

    static func noSocketFile(_ path: String) -> Self {
        Self(
            .noSocketFile, "There is no Unix socket \(path).",
            remedy: "Start the server, or correct the path: it is that of the server's --uds or its systemd unit.")
    }

    static func notConnected(_ failure: String) -> Self {
        Self(
            .notConnected, "The connection does not come about: \(failure).",
            remedy: "Do about it what the system's words suggest.")
    }

    // MARK: - Proxies

    static func proxyUnreachable(_ proxy: ProxyAddress, _ source: String, _ reason: String) -> Self {
        Self(
            .proxyUnreachable, "The proxy \(proxy), which \(source), cannot be reached: \(reason).",
            remedy: "Correct its address, or go without it: --no-proxy, or the host's name in the variable no_proxy.")
    }

    static func proxyCredentials(_ failure: String) -> Self {
        Self(
            .proxyCredentials, "The proxy lets nobody through without the right name and password: \(failure).",
            remedy: "Put them into its address: http://user:password@proxy:3128.")
    }

    static func proxyRefused(_ failure: String) -> Self {
        Self(
            .proxyRefused, "The proxy opens no way to the server: \(failure).",
            remedy: """
                Many proxies let CONNECT through to port 443 alone: use wss:// on that port, or have the host and port \
                allowed. What the proxy itself cannot reach or resolve fails so, too.
                """)
    }
}
