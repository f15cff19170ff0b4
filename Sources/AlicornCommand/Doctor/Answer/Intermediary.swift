// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Software that an answer was written by, or has passed, as far as its fields tell.
enum Intermediary: String, CaseIterable {
    case nginx
    case apache = "Apache"
    case haproxy = "HAProxy"
    case caddy = "Caddy"
    case traefik = "Traefik"
    case envoy = "Envoy"
    case iis = "IIS"
    case cloudflare = "Cloudflare"
    case aws = "AWS"
    case google = "Google Cloud"

    /// - Returns: `nil` for what says nothing of itself, as HAProxy and Traefik do by default, and for servers of applications.
    init?(_ response: ResponseHead) {
        let fields = response.fields
        let named = (fields.values(of: "Server") + fields.values(of: "Via")).joined(separator: " ").lowercased()
        let signs: [(Bool, Self)] = [
            (fields.first("CF-RAY") != nil || named.contains("cloudflare"), .cloudflare),
            (["awselb", "cloudfront", "amazon"].contains { named.contains($0) }, .aws),
            (["google frontend", "1.1 google", "gws"].contains { named.contains($0) }, .google),
            (named.contains("envoy") || fields.first("x-envoy-upstream-service-time") != nil, .envoy),
            (["nginx", "openresty", "tengine"].contains { named.contains($0) }, .nginx),
            (named.contains("apache"), .apache), (named.contains("haproxy"), .haproxy),
            (named.contains("caddy"), .caddy), (named.contains("traefik"), .traefik),
            (named.contains("microsoft-iis"), .iis),
        ]
        guard let sign = signs.first(where: \.0) else { return nil }
        self = sign.1
    }
}
