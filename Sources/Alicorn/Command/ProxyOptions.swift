// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Proxies``.
struct ProxyOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Believe trusted proxies when header fields tell who their client is. [default: true]")
    var proxyHeaders: Bool?

    @Option(
        help: ArgumentHelp(
            "The proxies that are trusted: IP addresses, networks, unix for those on Unix sockets, or * for everybody, "
                + "separated by commas. $FORWARDED_ALLOW_IPS counts when nothing else is given. "
                + "[default: 127.0.0.1,::1]", valueName: "proxies"))
    var forwardedAllowIps: [String] = []

    @Option(
        help: ArgumentHelp(
            "The header fields that the proxies write: X-Forwarded-For and X-Forwarded-Proto, or Forwarded. "
                + "[default: x-forwarded]", valueName: "x-forwarded|forwarded"))
    var forwardedHeader: String?

    @Option(
        help: ArgumentHelp(
            "The proxies whose connections begin with a PROXY protocol header, as for --forwarded-allow-ips.",
            valueName: "proxies"))
    var proxyProtocol: [String] = []
}
