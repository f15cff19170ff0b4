// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How proxies are told to pass a WebSocket handshake on: `Upgrade` and `Connection` are for the next hop alone
/// (RFC 9110 §7.6.1), so whoever does not know better drops them.
enum UpgradeRemedy {
    /// - Parameter proxy: the one that is known to be there; `nil` tells for all.
    static func text(for proxy: Intermediary?) -> String {
        if let proxy { return lines(for: proxy) }
        return "Tell the proxy on the way to pass Upgrade and Connection on.\n"
            + ([.nginx, .apache, .haproxy, .caddy, .traefik, .aws, .google, .cloudflare] as [Intermediary])
            .map(lines).joined(separator: "\n")
    }

    private static func lines(for proxy: Intermediary) -> String {
        switch proxy {
        case .nginx:
            """
            nginx, in the location block:
                proxy_http_version 1.1;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
                proxy_set_header Host $host;
            """
        case .apache:
            """
            Apache 2.4.47 or newer (mod_proxy_http; before that, mod_proxy_wstunnel and ws://):
                ProxyPass "/" "http://127.0.0.1:8765/" upgrade=websocket
            """
        case .haproxy:
            """
            HAProxy passes upgrades by itself in mode http; take out what keeps it from that:
                http-request del-header Upgrade, option httpclose, and proto h2 on the server line
            """
        case .caddy:
            """
            Caddy's reverse_proxy passes upgrades by itself; take out what keeps it from that:
                header_up -Upgrade, header_up -Connection, and transport http with versions h2c
            """
        case .traefik:
            """
            Traefik passes upgrades by itself; take out what keeps it from that:
                a headers middleware that sets Connection or Upgrade, and a service with scheme h2c
            """
        case .envoy:
            """
            Envoy, in the HTTP connection manager or the route:
                upgrade_configs: [{ upgrade_type: websocket }]
            """
        case .iis:
            """
            IIS: install the feature WebSocket Protocol, and leave webSocket enabled="true" in web.config; on Azure App \
            Service turn Web sockets on.
            """
        case .aws:
            """
            AWS: the Application Load Balancer passes upgrades, a Classic one only with TCP listeners; CloudFront wants an \
            origin request policy with Sec-WebSocket-Key, -Version, -Protocol and -Extensions.
            """
        case .google:
            "Google Cloud: its load balancers pass upgrades; Cloud Run does while HTTP/2 end-to-end is off."
        case .cloudflare:
            "Cloudflare: turn WebSockets on under Network; paths of Workers have to accept the upgrade themselves."
        }
    }
}
