// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// Encryption: it is on with a certificate.
    public struct TLS: Sendable, Hashable {
        /// The path of a PEM file with the certificate and those that lead to its root (U-C-46).
        public var certificateFile: String?
        /// The path of a PEM file with the private key; `nil` when that is in the certificate's file (U-C-46).
        public var keyFile: String?
        /// What the key is encrypted with (U-C-46).
        public var keyPassword: String?
        /// The protocol, as a number of Python's `ssl` module; 17 is any that is safe (U-C-47).
        public var version = 17
        /// Whether clients show a certificate (U-C-48).
        public var clientCertificates = ClientCertificates.none
        /// The path of a PEM file with the roots for the certificates of clients (U-C-49).
        public var authorityFile: String?
        /// Cipher suites in OpenSSL's words; `nil` for the safe ones (U-C-50).
        public var ciphers: String?
        /// Whether the files are read again when they change, and on SIGHUP (P-34).
        public var reloads = true

        /// Whether connections are encrypted.
        public var isOn: Bool { certificateFile != nil }

        mutating func read(_ options: inout OptionReader) {
            options.read("ssl-certfile", .readableFile, into: &certificateFile)
            options.read("ssl-keyfile", .readableFile, into: &keyFile)
            options.read("ssl-keyfile-password", .text, into: &keyPassword)
            options.read("ssl-version", .number(0...1000), into: &version)
            options.read("ssl-cert-reqs", .clientCertificates, into: &clientCertificates)
            options.read("ssl-ca-certs", .readableFile, into: &authorityFile)
            options.read("ssl-ciphers", .text, into: &ciphers)
            options.read("ssl-reload", .boolean, into: &reloads)
        }
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

extension OptionType where Value == ServerSettings.ClientCertificates {
    fileprivate static var clientCertificates: Self {
        Self("0 for no certificate of clients, 1 for an optional one, or 2 for a required one") { text in
            Int(text).flatMap(Value.init(rawValue:))
        }
    }
}
