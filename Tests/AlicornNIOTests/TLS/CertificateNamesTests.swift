// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOSSL
import Testing

@testable import AlicornNIO

@Suite("The servers that a certificate is for")
struct CertificateNamesTests {
    @Test(
        "a name among the names is the whole name, without regard to a full stop at its end (RFC 9525 §6.3)",
        arguments: [
            ("example.com", "example.com", true), ("example.com", "EXAMPLE.com", true),
            ("example.com", "example.com.", true), ("localhost", "localhost", true),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
            ("example.com", "www.example.com", false), ("www.example.com", "example.com", false),
            ("example.com", "example.com.evil", false), ("example.com", "notexample.com", false),
            ("example.com\0.evil", "example.com", false), ("", "example.com", false),
        ]
    )
    func names(name: String, host: String, isMatch: Bool) {
        #expect(CertificateNames(names: [name], addresses: []).contain(.name(host)) == isMatch)
    }

    @Test(
        "an asterisk stands for the first label, whole, before two others at least (RFC 9525 §6.3)",
        arguments: [
            ("*.example.com", "www.example.com", true), ("*.example.com", "WWW.Example.com.", true),
            ("*.www.example.com", "a.www.example.com", true), ("*.example.com", "xn--bcher-kva.example.com", true),
            ("*.example.com", "example.com", false), ("*.example.com", "a.b.example.com", false),
            ("*.example.com", ".example.com", false), ("*.example.com", "www.example.org", false),
            ("*.example.com", "wwwexample.com", false), ("*.com", "example.com", false), ("*.", "example", false),
            ("*", "example", false), ("*", "example.com", false), ("*.*.com", "www.example.com", false),
            ("w*.example.com", "www.example.com", false), ("*w.example.com", "www.example.com", false),
            ("www.*.com", "www.example.com", false), ("**.example.com", "www.example.com", false),
            ("*.example.com", "localhost", false),
        ]
    )
    func wildcards(pattern: String, host: String, isMatch: Bool) {
        #expect(CertificateNames(names: [pattern], addresses: []).contain(.name(host)) == isMatch)
    }

    @Test(
        "an address is one of the addresses, byte for byte, and never a name (RFC 9525 §6.5)",
        arguments: [
            ([127, 0, 0, 1], "127.0.0.1", true), ([127, 0, 0, 2], "127.0.0.1", false),
            (Array(repeating: 0, count: 15) + [1], "::1", true), (Array(repeating: 0, count: 16), "::1", false),
            ([0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1], "2001:db8:0::1", true),
            (Array(repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1], "127.0.0.1", false),
            (Array("127.0.0.1".utf8), "127.0.0.1", false), ([], "127.0.0.1", false),
        ] as [([UInt8], String, Bool)]
    )
    func addresses(address: [UInt8], host: String, isMatch: Bool) {
        #expect(CertificateNames(names: [], addresses: [address]).contain(TunnelTarget.Host(host)) == isMatch)
    }

    @Test("names are no addresses, and addresses no names")
    func kinds() {
        let names = CertificateNames(names: ["127.0.0.1", "*.0.0.1", "::1"], addresses: [])
        #expect(!names.contain(TunnelTarget.Host("127.0.0.1")))
        #expect(!names.contain(TunnelTarget.Host("::1")))
        let addresses = CertificateNames(names: [], addresses: [[127, 0, 0, 1]])
        #expect(!addresses.contain(.name("127.0.0.1")))
    }

    @Test("any one of them is enough")
    func several() {
        let names = CertificateNames(names: ["a.example", "*.b.example"], addresses: [[1, 2, 3, 4], [127, 0, 0, 1]])
        for host in ["a.example", "www.b.example", "127.0.0.1"] { #expect(names.contain(TunnelTarget.Host(host))) }
        for host in ["b.example", "www.a.example", "127.0.0.2"] { #expect(!names.contain(TunnelTarget.Host(host))) }
    }

    @Test("of a certificate the DNS names and IP addresses among its alternative names count, and nothing else")
    func certificate() throws {
        let names = CertificateNames(try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem))
        #expect(names.names == ["www.example.com", "*.example.org"])
        #expect(names.addresses == [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]])
        for host in ["www.example.com", "a.example.org", "127.0.0.1", "::1"] {
            #expect(names.contain(TunnelTarget.Host(host)))
        }
        // The common name (RFC 9525 §2), the address of a mailbox and that of a page.
        for host in ["common.example", "example.net", "uri.example"] { #expect(!names.contain(.name(host))) }
    }

    @Test("a description lists five of them")
    func description() {
        #expect(CertificateNames(names: [], addresses: []).description == "no name")
        #expect(
            CertificateNames(names: ["a.example", "*.b\n"], addresses: [[127, 0, 0, 1]]).description
                == #""a.example", "*.b\u{a}", "127.0.0.1""#)
        let five = CertificateNames(names: ["a", "b", "c"], addresses: [[1, 2, 3, 4], [5, 6, 7, 8]])
        #expect(five.description == #""a", "b", "c", "1.2.3.4", "5.6.7.8""#)
        let six = CertificateNames(names: ["a", "b", "c", "d", "e"], addresses: [[1, 2, 3, 4]])
        #expect(six.description == #""a", "b", "c", "d", "e" and others"#)
    }

    /// For `WWW.Example.com`, `*.example.org`, 127.0.0.1 and ::1, the mailbox `a@example.net` and the page
    /// `https://uri.example/`, with the common name `common.example`.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBwTCCAWegAwIBAgIUSScNh8XtMzpI9iowRggympJGw2kwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOY29tbW9uLmV4YW1wbGUwIBcNMjYxMTIxMTAzMzIyWhgPMjEy
        NjEwMjgxMDMzMjJaMBkxFzAVBgNVBAMMDmNvbW1vbi5leGFtcGxlMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEQdaIgdX/12hxflG9zjrxwq0V8e7W9x3aUdDS97yp
        jNwG8AXCmA2CUczkzA8Xp0z8iwEi/SoxitKPmpVr5QXLHaOBijCBhzBmBgNVHREE
        XzBdgg9XV1cuRXhhbXBsZS5jb22CDSouZXhhbXBsZS5vcmeHBH8AAAGHEAAAAAAA
        AAAAAAAAAAAAAAGBDWFAZXhhbXBsZS5uZXSGFGh0dHBzOi8vdXJpLmV4YW1wbGUv
        MB0GA1UdDgQWBBTKT9k5TEzbdcVwGVnDRa2ZsJWg6jAKBggqhkjOPQQDAgNIADBF
        AiEA426qlyUR7Z4Bo/3Mifh1PL5pDylx0lDZADlqyxSSo4MCIGKhqdxF52/AcPmb
        naf5n+w8JrfZdkmeyKjpsRN1ZUkJ
        -----END CERTIFICATE-----
        """
}
