// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The name in a certificate, as text (RFC 4514), read from the certificate's DER (RFC 5280 §4.1).
struct DistinguishedName: Sendable, Hashable, CustomStringConvertible {
    /// Such as `CN=client,O=Example`.
    let description: String

    /// The subject of a certificate.
    ///
    /// - Returns: `nil` for what is no certificate. One with an empty subject has an empty name.
    init?(subjectOf certificate: [UInt8]) {
        guard var fields = Self.fromIssuer(in: certificate) else { return nil }
        // Issuer, validity.
        guard fields.read(.sequence) != nil, fields.read(.sequence) != nil, let subject = fields.read(.sequence)
        else { return nil }
        self.init(subject)
    }

    /// The issuer of a certificate.
    ///
    /// - Returns: `nil` for what is no certificate.
    init?(issuerOf certificate: [UInt8]) {
        guard var fields = Self.fromIssuer(in: certificate), let issuer = fields.read(.sequence) else { return nil }
        self.init(issuer)
    }

    /// The fields of a certificate from the issuer on.
    private static func fromIssuer(in certificate: [UInt8]) -> DERReader? {
        var outer = DERReader(certificate[...])
        guard var body = outer.read(.sequence).map({ DERReader($0) }),
            var fields = body.read(.sequence).map({ DERReader($0) })
        else { return nil }
        // Version, serial number, signature algorithm.
        _ = fields.read(.version)
        guard fields.read(.integer) != nil, fields.read(.sequence) != nil else { return nil }
        return fields
    }

    /// RFC 4514 §2.1: the last of the relative names comes first.
    private init?(_ name: ArraySlice<UInt8>) {
        var parts: [String] = []
        var sets = DERReader(name)
        while !sets.isAtEnd {
            guard let set = sets.read(.set), let text = Self.relativeName(set) else { return nil }
            parts.append(text)
        }
        description = parts.reversed().joined(separator: ",")
    }

    private static func relativeName(_ set: ArraySlice<UInt8>) -> String? {
        var attributes: [String] = []
        var reader = DERReader(set)
        while !reader.isAtEnd {
            guard var pair = reader.read(.sequence).map({ DERReader($0) }), let type = pair.read(.objectIdentifier),
                let (tag, value) = pair.readAny()
            else { return nil }
            attributes.append(attribute(type, tag, value))
        }
        return attributes.joined(separator: "+")
    }

    /// RFC 4514 §2.3: by its short name and as text where both are known, else in numbers.
    private static func attribute(_ type: ArraySlice<UInt8>, _ tag: UInt8, _ value: ArraySlice<UInt8>) -> String {
        guard let name = names[Array(type)], let text = text(tag, value) else {
            let name = names[Array(type)] ?? dotted(type)
            return name + "=#" + DERReader.encoded(tag, value).map(hexadecimal).joined()
        }
        return name + "=" + escaped(text)
    }

    /// RFC 4514 §3, table.
    private static let names: [[UInt8]: String] = [
        [0x55, 4, 3]: "CN", [0x55, 4, 7]: "L", [0x55, 4, 8]: "ST", [0x55, 4, 10]: "O", [0x55, 4, 11]: "OU",
        [0x55, 4, 6]: "C", [0x55, 4, 9]: "STREET",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 25]: "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 1, 1]: "UID",
    ]

    /// The text of the kinds of string that certificates have (RFC 5280 §4.1.2.4); the old ones are read as ISO-8859-1.
    private static func text(_ tag: UInt8, _ value: ArraySlice<UInt8>) -> String? {
        switch tag {
        case 0x0C: String(validating: value, as: UTF8.self)
        case 0x13, 0x14, 0x16: String(decoding: value.map { UInt16($0) }, as: UTF16.self)
        case 0x1E where value.count.isMultiple(of: 2):
            String(
                validating: stride(from: value.startIndex, to: value.endIndex, by: 2).map {
                    UInt16(value[$0]) << 8 | UInt16(value[$0 + 1])
                }, as: UTF16.self)
        default: nil
        }
    }

    /// RFC 4514 §2.4.
    private static func escaped(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        return scalars.enumerated().map { index, scalar in
            switch scalar {
            case "\"", "+", ",", ";", "<", ">", "\\": "\\\(scalar)"
            case "#" where index == 0: "\\#"
            case " " where index == 0 || index == scalars.count - 1: "\\ "
            // Beyond the grammar's NUL: no control character, of C1 either, is to get into a line of somebody's log.
            case _ where scalar.properties.generalCategory == .control:
                String(scalar).utf8.map { "\\" + hexadecimal($0) }.joined()
            default: String(scalar)
            }
        }.joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// Base 128, the first two numbers in one (X.690 §8.19).
    private static func dotted(_ type: ArraySlice<UInt8>) -> String {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in type {
            number = number << 7 | UInt64(byte & 0x7F)
            if byte & 0x80 == 0 {
                numbers.append(number)
                number = 0
            }
        }
        guard let first = numbers.first else { return "" }
        let top = min(first / 40, 2)
        return ([top, first - top * 40] + numbers.dropFirst()).map(String.init).joined(separator: ".")
    }
}

/// Reads DER (X.690 §10) from front to back; nothing in it traps, whatever the bytes are.
private struct DERReader {
    enum Tag: UInt8 {
        case integer = 0x02
        case objectIdentifier = 0x06
        case sequence = 0x30
        case set = 0x31
        /// `[0] EXPLICIT` (RFC 5280 §4.1).
        case version = 0xA0
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The content of the next value, if it is of that kind; else nothing is read.
    mutating func read(_ tag: Tag) -> ArraySlice<UInt8>? {
        guard rest.first == tag.rawValue else { return nil }
        return readAny()?.content
    }

    mutating func readAny() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        var bytes = rest
        guard let tag = bytes.popFirst(), let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            guard (0x81...0x84).contains(first) else { return nil }
            length = 0
            for _ in 0x80..<first {
                guard let byte = bytes.popFirst() else { return nil }
                length = length << 8 | Int(byte)
            }
        }
        guard length <= bytes.count else { return nil }
        rest = bytes.dropFirst(length)
        return (tag, bytes.prefix(length))
    }

    static func encoded(_ tag: UInt8, _ content: ArraySlice<UInt8>) -> [UInt8] {
        let length: [UInt8] =
            content.count < 0x80
            ? [UInt8(content.count)] : [0x82, UInt8(content.count >> 8 & 0xFF), UInt8(content.count & 0xFF)]
        return [tag] + length + content
    }
}
