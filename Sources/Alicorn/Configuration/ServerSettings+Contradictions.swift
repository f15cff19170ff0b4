// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol

extension ServerSettings {
    /// Settings that exclude each other, a sentence for each.
    var contradictions: [String] {
        var sentences: [String] = []
        func refuse(_ sentence: String, if isWrong: Bool) { if isWrong { sentences.append(sentence) } }

        refuse(
            "--ssl-keyfile is given without --ssl-certfile: give the certificate, too",
            if: !tls.isOn && tls.keyFile != nil)
        refuse(
            "--ssl-cert-reqs is \(tls.clientCertificates.rawValue) without --ssl-certfile: clients show certificates over TLS only",
            if: !tls.isOn && tls.clientCertificates != .none)
        refuse(
            "--ssl-cert-reqs is \(tls.clientCertificates.rawValue) without --ssl-ca-certs: name the roots that the clients' certificates lead to",
            if: tls.isOn && tls.clientCertificates != .none && tls.authorityFile == nil)
        refuse("--engine is native, which has no TLS: use nio, or auto", if: tls.isOn && processes.engine == .native)
        refuse(
            "--proxy-protocol and --ssl-certfile exclude each other: let the proxy end TLS, or leave the PROXY protocol out",
            if: tls.isOn && proxies.protocolHeader != nil)
        refuse(
            "--limit-max-requests-jitter is given without --limit-max-requests: there is nothing to add to",
            if: limits.requestsJitter > 0 && limits.requests == nil)
        refuse(
            "--metrics-host is given without --metrics-port: without a port of their own, metrics are where the application is",
            if: metrics.port == nil && metrics.host != Metrics().host)
        do throws(InvalidAccessLogFormat) {
            if let format = logging.accessFormat { _ = try AccessLogFormat(format) }
        } catch {
            sentences.append("--access-log-format: \(error)")
        }
        return sentences
    }

    /// Settings that do not do what they seem to, a line for each.
    var doubts: [String] {
        var lines: [String] = []
        if reloading.isOn && processes.workers > 1 {
            // uvicorn's words (U-C-16).
            lines.append("\"workers\" flag is ignored when reloading is enabled.")
        }
        let patterns = reloading.directories + reloading.includes + reloading.excludes
        if !patterns.isEmpty && !reloading.isOn {
            // uvicorn's words (U-RL-03).
            lines.append(
                "Current configuration will not reload as not all conditions are met, please refer to documentation.")
        }
        if proxies.readsFields {
            lines += proxies.meaningless.map { text in
                "--forwarded-allow-ips has \(Excerpt(text)), which matches nobody: write an IP address, a network such as "
                    + "10.0.0.0/8, unix, or *"
            }
        }
        return lines
    }
}
