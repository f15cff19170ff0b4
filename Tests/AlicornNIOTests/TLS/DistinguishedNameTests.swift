// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornNIO

@Suite("The name in a certificate, as text (RFC 4514)")
struct DistinguishedNameTests {
    private static let commonName: [UInt8] = [0x55, 4, 3]

    private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        precondition(content.count < 0x80)
        return [tag, UInt8(content.count)] + content
    }

    /// A set with one attribute in it.
    private static func name(_ type: [UInt8], _ tag: UInt8, _ text: [UInt8]) -> [UInt8] {
        value(0x31, value(0x30, value(0x06, type) + value(tag, text)))
    }

    /// A certificate with that subject, as far as anybody reads it.
    private static func certificate(_ subject: [UInt8], from issuer: [UInt8] = []) -> [UInt8] {
        let fields = value(0x02, [1]) + value(0x30, []) + value(0x30, issuer) + value(0x30, []) + value(0x30, subject)
        return value(0x30, value(0x30, fields))
    }

    @Test(
        "texts of all kinds, with what could be taken for syntax escaped (§2.4)",
        arguments: [
            (0x0C, Array("a b".utf8), "a b"), (0x0C, Array(#"a,b+"c\"#.utf8), #"a\,b\+\"c\\"#),
            (0x0C, Array("# ".utf8), ##"\#\ "##), (0x13, [0x61, 0xE9], "aé"), (0x1E, [0x00, 0x61, 0x26, 0x3A], "a☺"),
            (0x0C, [0x61, 0x0A, 0x7F], #"a\0A\7F"#), (0x0C, Array("a\u{9B}".utf8), #"a\C2\9B"#),
            (0x1E, [0x00], "#1E0100"), (0x0C, [0xFF], "#0C01FF"), (0x04, [1, 2], "#04020102"),
        ] as [(UInt8, [UInt8], String)])
    func texts(tag: UInt8, bytes: [UInt8], text: String) {
        let certificate = Self.certificate(Self.name(Self.commonName, tag, bytes))
        #expect(DistinguishedName(subjectOf: certificate)?.description == "CN=" + text)
    }

    @Test("the last of the relative names comes first, and types without a short name are numbers (§2.1, §2.3)")
    func order() {
        let certificate = Self.certificate(
            Self.name([0x55, 4, 10], 0x0C, Array("o".utf8)) + Self.name([0x2A, 0x86, 0x48], 0x0C, Array("x".utf8))
                + Self.name(Self.commonName, 0x0C, Array("c".utf8)))
        #expect(DistinguishedName(subjectOf: certificate)?.description == "CN=c,1.2.840=#0C0178,O=o")
    }

    @Test("the issuer's name is told from the subject's")
    func issuer() {
        let certificate = Self.certificate(
            Self.name(Self.commonName, 0x0C, Array("subject".utf8)),
            from: Self.name(Self.commonName, 0x0C, Array("issuer".utf8)))
        #expect(DistinguishedName(subjectOf: certificate)?.description == "CN=subject")
        #expect(DistinguishedName(issuerOf: certificate)?.description == "CN=issuer")
        for count in 0..<10 { #expect(DistinguishedName(issuerOf: Array(certificate[..<count])) == nil) }
    }

    @Test("what is cut off anywhere is no certificate, and an empty subject is an empty name")
    func cut() {
        let certificate = Self.certificate(Self.name(Self.commonName, 0x0C, Array("c".utf8)))
        for count in 0..<certificate.count {
            #expect(DistinguishedName(subjectOf: Array(certificate[..<count])) == nil)
        }
        #expect(DistinguishedName(subjectOf: Self.certificate([]))?.description == "")
    }
}
