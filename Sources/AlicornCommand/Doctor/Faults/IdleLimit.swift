// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Time limits of what stands between clients and servers, by how long a connection without traffic lives.
enum IdleLimit {
    /// What has that limit by default, and where it is set.
    private static let known: [(seconds: Double, whose: String)] = [
        (30, "30 s is the timeout of Google Cloud's backend services (timeoutSec)"),
        (50, "50 s is HAProxy's in Debian's configuration (timeout client, timeout server; set timeout tunnel 1h)"),
        (55, "55 s is Heroku's router's"),
        (
            60,
            """
            60 s is nginx's (proxy_read_timeout 1h; proxy_send_timeout 1h;), Apache's (ProxyTimeout) and that of AWS' \
            Application Load Balancer (idle_timeout.timeout_seconds)
            """
        ),
        (100, "100 s is Cloudflare's"),
        (240, "4 min is that of Azure's load balancers and App Service"),
        (300, "5 min is Apache's (Timeout) in old configurations"),
        (350, "350 s is that of AWS' Network Load Balancer"),
        (600, "10 min is that of AWS' API Gateway and of CloudFront"),
    ]

    static func remedy(for time: Duration) -> String {
        let seconds = time / .seconds(1)
        let fitting = known.filter { abs($0.seconds - seconds) <= max(1.5, $0.seconds * 0.02) }.map(\.whose)
        let whose = fitting.isEmpty ? "" : fitting.joined(separator: "; ") + ".\n"
        return whose
            + """
            Have the server or the client send pings more often than that (uvicorn, websockets and Alicorn do every 20 s by \
            default), or raise the limit.
            """
    }
}
