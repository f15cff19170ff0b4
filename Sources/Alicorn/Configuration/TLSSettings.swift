// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornNIO

extension ServerSettings {
    /// Encryption: it is on with a certificate.
    public struct TLS: Sendable, Hashable {
        /// The path of a PEM file with the certificate and those that lead to its root (U-C-46).
        public var certificateFile: String?
        /// The path of a PEM file with the private key; `nil` when that is in the certificate's file (U-C-46).
        public var keyFile: String?
        /// What the key is encrypted with (U-C-46).
        public var keyPassword: String?
        /// The versions that are spoken (U-C-47).
        public var versions = TLSVersions.safe
        /// Whether clients show a certificate (U-C-48).
        public var clientCertificates = ClientCertificates.none
        /// The path of a PEM file with the roots for the certificates of clients (U-C-49).
        public var authorityFile: String?
        /// Cipher suites of TLS 1.2; `nil` for the safe ones (U-C-50).
        public var ciphers: TLSCipherSuites?
        /// Whether the files are read again when they change, and on SIGHUP (P-34).
        public var reloads = true

        /// Whether connections are encrypted.
        public var isOn: Bool { certificateFile != nil }

        mutating func read(_ options: inout OptionReader) {
            options.read("ssl-certfile", .readableFile, into: &certificateFile)
            options.read("ssl-keyfile", .readableFile, into: &keyFile)
            options.read("ssl-keyfile-password", .text, into: &keyPassword)
            options.read("ssl-version", .tlsVersions, into: &versions)
            options.read("ssl-cert-reqs", .clientCertificates, into: &clientCertificates)
            options.read("ssl-ca-certs", .readableFile, into: &authorityFile)
            options.read("ssl-ciphers", .cipherSuites, into: &ciphers)
            options.read("ssl-reload", .boolean, into: &reloads)
        }
    }

    /// Versions of TLS. Those before 1.2 are not spoken: they are not safe (RFC 8996).
    public enum TLSVersions: Sendable, Hashable {
        /// 1.2 and 1.3.
        case safe
        /// 1.2 alone.
        case tls12
    }

    /// Whether clients show a certificate: the numbers of Python's `ssl` module (U-C-48).
    public enum ClientCertificates: Int, Sendable, Hashable, CaseIterable {
        /// They are not asked.
        case none = 0
        /// They are asked, and may do without; one that they show must be good.
        case optional = 1
        /// They must (U-TL-02).
        case required = 2
    }
}

extension OptionType where Value == ServerSettings.TLSVersions {
    /// The numbers of Python's `ssl` module.
    fileprivate static var tlsVersions: Self {
        Self("17 or 2 for TLS 1.2 and 1.3, or 5 for TLS 1.2 alone: older versions are not safe, and are not spoken") {
            switch $0 {
            case "17", "2": .safe
            case "5": .tls12
            default: nil
            }
        }
    }
}

extension OptionType where Value == TLSCipherSuites {
    fileprivate static var cipherSuites: Self {
        Self("a list in OpenSSL's words that selects a cipher suite of TLS 1.2, such as ECDHE+AESGCM", isText: true) {
            try? TLSCipherSuites(openSSL: $0)
        }
    }
}

extension OptionType where Value == ServerSettings.ClientCertificates {
    fileprivate static var clientCertificates: Self {
        Self("0 for no certificate of clients, 1 for an optional one, or 2 for a required one") { text in
            Int(text).flatMap(Value.init(rawValue:))
        }
    }
}
