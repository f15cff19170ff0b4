// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Escapes in URIs (RFC 3986 §2.1), byte for byte.
package enum PercentEncoding {
    /// `text` with its escapes resolved, or `nil` when a percent sign is not followed by two hexadecimal digits.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == percent else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    /// `text` with its escapes resolved; what is none, though it begins like one, stays as it is.
    package static func undo(_ text: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            guard byte == percent, let high = text[index...].first?.hexadecimalValue,
                let low = text[index...].dropFirst().first?.hexadecimalValue
            else {
                decoded.append(byte)
                continue
            }
            decoded.append(high << 4 | low)
            index = text.index(index, offsetBy: 2)
        }
        return decoded
    }

    /// A path's text as it stands in a URI: what is not `pchar` or a slash is escaped, percent signs too.
    package static func encode(path text: String) -> String {
        encode(text.utf8) { $0 != percent && $0 != UInt8(ascii: "?") && mayStandInPathOrQuery($0) }
    }

    /// A path or query as it stands in a request line: what may stand there stays as it is, existing escapes included,
    /// everything else is escaped, characters beyond ASCII as UTF-8 (RFC 3987 §3.1).
    static func encode(pathOrQuery text: ArraySlice<UInt8>) -> String { encode(text, except: mayStandInPathOrQuery) }

    private static func encode(_ text: some Collection<UInt8>, except isPlain: (UInt8) -> Bool) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.count)
        for byte in text {
            if isPlain(byte) {
                encoded.append(byte)
            } else {
                encoded += [percent, hexadecimalDigits[Int(byte >> 4)], hexadecimalDigits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Where the first percent sign stands that no two hexadecimal digits follow.
    static func firstBrokenEscape(in text: ArraySlice<UInt8>) -> Int? {
        text.indices.first { index in
            text[index] == percent && (text[index...].dropFirst().prefix(2).count { $0.hexadecimalValue != nil }) < 2
        }
    }

    private static let percent = UInt8(ascii: "%")
    private static let hexadecimalDigits = Array("0123456789ABCDEF".utf8)

    /// `pchar`, `/` and `?` of RFC 3986 §3.3 and §3.4, and the brackets that queries in the wild have (`?id[]=1`):
    /// browsers and servers leave those alone.
    private static func mayStandInPathOrQuery(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "?"), percent,
            UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: byte.isUnreserved || byte.isSubDelimiter
        }
    }
}

extension UInt8 {
    /// `unreserved` of RFC 3986 §2.3.
    var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: isDigit
        }
    }

    /// `sub-delims` of RFC 3986 §2.2.
    var isSubDelimiter: Bool {
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }
}
