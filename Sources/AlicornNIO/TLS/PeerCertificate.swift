// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL

/// What stands in a certificate that somebody has shown.
package struct PeerCertificate: Sendable {
    /// Whose it is (RFC 4514); empty for a certificate that names its servers and nothing else.
    package let subject: String
    /// Who vouches for it (RFC 4514).
    package let issuer: String
    /// The servers that it is for, as a list, shortened.
    package let names: String
    /// When it begins to be valid, in seconds since 1970.
    package let notBefore: Int
    /// Until when it is valid, in seconds since 1970.
    package let notAfter: Int

    init?(_ certificate: NIOSSLCertificate?) {
        guard let certificate, let bytes = try? certificate.toDERBytes(),
            let subject = DistinguishedName(subjectOf: bytes), let issuer = DistinguishedName(issuerOf: bytes)
        else { return nil }
        self.subject = subject.description
        self.issuer = issuer.description
        names = CertificateNames(certificate).description
        notBefore = Int(certificate.notValidBefore)
        notAfter = Int(certificate.notValidAfter)
    }
}
