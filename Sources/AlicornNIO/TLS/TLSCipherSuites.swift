// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The cipher suites of TLS 1.2 that are taken, those that come first being preferred. All of TLS 1.3 are spoken beside them:
/// there is no choice among those, as with OpenSSL.
public struct TLSCipherSuites: Sendable, Hashable {
    /// OpenSSL's names, such as `ECDHE-RSA-AES128-GCM-SHA256`; one at least.
    public let names: [String]

    /// Reads a list in OpenSSL's words (openssl-ciphers(1)), such as `ECDHE+AESGCM:!aRSA`.
    ///
    /// Names of suites and properties that do not exist here select nothing, and words with `@` have no effect.
    ///
    /// - Throws: ``TLSMisconfiguration`` for a list that selects nothing at all.
    public init(openSSL list: String) throws(TLSMisconfiguration) {
        var chosen: [Suite] = []
        var banned: Set<Suite> = []
        for element in list.split(whereSeparator: { ":, ;".contains($0) }) {
            let words = element.drop { "!-+".contains($0) }.split(separator: "+").map(String.init)
            let matching = Suite.all.filter { suite in !words.isEmpty && words.allSatisfy(suite.words.contains) }
            switch element.first {
            case "!":
                banned.formUnion(matching)
                chosen.removeAll(where: matching.contains)
            case "-": chosen.removeAll(where: matching.contains)
            case "+":
                let moved = chosen.filter(matching.contains)
                chosen.removeAll(where: matching.contains)
                chosen += moved
            default: chosen += matching.filter { !banned.contains($0) && !chosen.contains($0) }
            }
        }
        guard !chosen.isEmpty else {
            throw TLSMisconfiguration("the list of cipher suites selects none that exists here")
        }
        names = chosen.map(\.name)
    }
}

/// A suite of the TLS library that needs nothing but a certificate.
private struct Suite: Hashable {
    let name: String
    /// What selects it.
    let words: Set<String>

    private init(_ name: String, _ properties: String...) {
        self.name = name
        words = Set(
            [name, "ALL", "DEFAULT", "HIGH"] + properties.flatMap { $0.split(separator: " ").map(String.init) })
    }

    /// The best first.
    static let all =
        keyExchanges.flatMap { prefix, keyExchange in
            [
                Self(prefix + "AES128-GCM-SHA256", keyExchange, "TLSv1.2 AES AESGCM AES128 SHA256"),
                Self(prefix + "AES256-GCM-SHA384", keyExchange, "TLSv1.2 AES AESGCM AES256 SHA384"),
                Self(prefix + "CHACHA20-POLY1305", keyExchange, "TLSv1.2 CHACHA20"),
            ]
        }
        + keyExchanges.flatMap { prefix, keyExchange in
            [
                Self(prefix + "AES128-SHA", keyExchange, "TLSv1 SSLv3 AES AES128 SHA SHA1"),
                Self(prefix + "AES256-SHA", keyExchange, "TLSv1 SSLv3 AES AES256 SHA SHA1"),
            ]
        }
        // Who gets the key one day can read what was sent before it.
        + [
            Self("AES128-GCM-SHA256", "RSA kRSA aRSA", "TLSv1.2 AES AESGCM AES128 SHA256"),
            Self("AES256-GCM-SHA384", "RSA kRSA aRSA", "TLSv1.2 AES AESGCM AES256 SHA384"),
            Self("AES128-SHA", "RSA kRSA aRSA", "TLSv1 SSLv3 AES AES128 SHA SHA1"),
            Self("AES256-SHA", "RSA kRSA aRSA", "TLSv1 SSLv3 AES AES256 SHA SHA1"),
        ]

    /// How their names begin, and the words for how keys are exchanged and who signs.
    private static let keyExchanges = [
        ("ECDHE-ECDSA-", "ECDHE EECDH ECDH kECDHE kEECDH ECDSA aECDSA"),
        ("ECDHE-RSA-", "ECDHE EECDH ECDH kECDHE kEECDH aRSA"),
    ]
}
