// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import Testing

@Suite("Settings that exclude each other")
struct ServerSettingsContradictionsTests {
    /// Options, in which `FILE` stands for one that exists, and the beginning of the sentence.
    static let contradictions: [([String: String], String)] = [
        (["ssl-keyfile": "FILE"], "--ssl-keyfile is given without --ssl-certfile"),
        (["ssl-cert-reqs": "2"], "--ssl-cert-reqs is 2 without --ssl-certfile"),
        (["ssl-cert-reqs": "2", "ssl-certfile": "FILE"], "--ssl-cert-reqs is 2 without --ssl-ca-certs"),
        (["ssl-cert-reqs": "1", "ssl-certfile": "FILE"], "--ssl-cert-reqs is 1 without --ssl-ca-certs"),
        (["engine": "native", "ssl-certfile": "FILE"], "--engine is native, which has no TLS"),
        (["proxy-protocol": "::1", "ssl-certfile": "FILE"], "--proxy-protocol and --ssl-certfile exclude each other"),
        (["limit-max-requests-jitter": "5"], "--limit-max-requests-jitter is given without --limit-max-requests"),
        (["metrics-host": "0.0.0.0"], "--metrics-host is given without --metrics-port"),
    ]

    @Test("are refused", arguments: contradictions)
    func refused(options: [String: String], beginning: String) throws {
        let file = try TemporaryFile("", format: "pem")
        let given = options.mapValues { [$0 == "FILE" ? file.path : $0] }
        let error = #expect(throws: InvalidSettings.self) { try ServerSettings(commandLine: given, environment: [:]) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.hasPrefix(beginning) == true, "\(String(describing: error))")
    }

    @Test("what goes together is not")
    func accepted() throws {
        let file = try TemporaryFile("", format: "pem")
        let tls = ["ssl-certfile", "ssl-keyfile", "ssl-ca-certs"].map { ($0, [file.path]) }
        let rest = ["ssl-cert-reqs": "2", "engine": "nio", "limit-max-requests": "9", "limit-max-requests-jitter": "5"]
        var given = rest.mapValues { [$0] }.merging(tls) { first, _ in first }
        given["metrics-port"] = ["0"]
        given["metrics-host"] = ["0.0.0.0"]
        let settings = try ServerSettings(commandLine: given, environment: [:])
        #expect(settings.tls.isOn && settings.tls.clientCertificates == .required)
        #expect(settings.tls.keyFile == file.path && settings.tls.authorityFile == file.path)
        #expect(settings.limits.requestsJitter == 5)
        #expect(settings.metrics.host == "0.0.0.0")
    }

    @Test("workers beside reload, and patterns without it, are warnings in uvicorn's words (U-C-16, U-RL-03)")
    func reload() throws {
        let both = try ServerSettings(environment: ["UVICORN_RELOAD": "1", "WEB_CONCURRENCY": "2"])
        #expect(both.warnings == ["\"workers\" flag is ignored when reloading is enabled."])
        let patterns = try ServerSettings(environment: ["UVICORN_RELOAD_INCLUDES": "*.a"])
        #expect(
            patterns.warnings == [
                "Current configuration will not reload as not all conditions are met, please refer to documentation."
            ])
    }

    @Test("a trusted proxy that is no network is a warning, and matches nobody (U-PX-02)")
    func literals() throws {
        let environment = ["FORWARDED_ALLOW_IPS": "10.0.0.1/8,/run/a.sock,10.0.0.2"]
        let settings = try ServerSettings(environment: environment)
        #expect(settings.warnings.count == 2)
        #expect(
            settings.warnings.first?.hasPrefix("--forwarded-allow-ips has \"10.0.0.1/8\", which matches nobody") == true
        )
        #expect(settings.proxies.forwarding == TrustedForwarding(.xForwarded, from: try TrustedProxies(["10.0.0.2"])))
    }

    @Test("* trusts everybody, those on Unix sockets too (U-PX-01, U-PX-02)")
    func everybody() throws {
        let settings = try ServerSettings(environment: ["FORWARDED_ALLOW_IPS": "*"])
        let proxies = try #require(settings.proxies.forwarding?.proxies)
        #expect(proxies == (try TrustedProxies(["0.0.0.0/0", "::/0", "unix"])))
        #expect(settings.warnings.isEmpty)
    }
}
