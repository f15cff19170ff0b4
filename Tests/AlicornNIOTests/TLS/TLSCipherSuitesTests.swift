// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL
import Testing

@testable import AlicornNIO

@Suite("Cipher suites in OpenSSL's words (U-C-50)")
struct TLSCipherSuitesTests {
    @Test(
        "a list selects, moves and removes (openssl-ciphers(1))",
        arguments: [
            ("ECDHE-RSA-AES128-GCM-SHA256", ["ECDHE-RSA-AES128-GCM-SHA256"]),
            (
                "AES128-SHA:ECDHE-ECDSA-CHACHA20-POLY1305,AES128-SHA AES256-SHA",
                ["AES128-SHA", "ECDHE-ECDSA-CHACHA20-POLY1305", "AES256-SHA"]
            ),
            (
                "ECDHE+AESGCM:!aRSA:ECDHE-RSA-AES128-GCM-SHA256",
                ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
            ),
            ("kRSA+AESGCM:-AES128:AES128-GCM-SHA256", ["AES256-GCM-SHA384", "AES128-GCM-SHA256"]),
            ("CHACHA20:+ECDSA", ["ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305"]),
            ("NO-SUCH-SUITE:kRSA+AES256+SHA:!aNULL:@STRENGTH:@SECLEVEL=2", ["AES256-SHA"]),
        ])
    func selects(list: String, names: [String]) throws {
        #expect(try TLSCipherSuites(openSSL: list).names == names)
    }

    @Test(
        "a list that selects nothing is refused",
        arguments: ["", ":::", "!", "+", "NONE", "@STRENGTH", "ALL:!ALL", "!ALL:ALL"])
    func refuses(list: String) {
        #expect(throws: TLSMisconfiguration.self) { try TLSCipherSuites(openSSL: list) }
    }

    @Test("HIGH begins with suites that keep what was sent before a key was lost, and ends with those that do not")
    func order() throws {
        let names = try TLSCipherSuites(openSSL: "HIGH").names
        #expect(names.count == 14)
        #expect(names.prefix(10).allSatisfy { $0.hasPrefix("ECDHE-") } == true)
        #expect(names.suffix(4).allSatisfy { $0.hasPrefix("AES") } == true)
    }

    @Test("the TLS library knows each of them: it traps on a list of others")
    func known() throws {
        for name in try TLSCipherSuites(openSSL: "ALL").names {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.cipherSuites = name
            configuration.maximumTLSVersion = .tlsv12
            #expect(configuration.cipherSuiteValues.count == 1, "\(name)")
        }
    }
}
