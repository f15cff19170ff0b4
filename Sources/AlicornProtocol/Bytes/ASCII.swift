// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Character classes of the HTTP grammar, asked of single bytes.
extension UInt8 {
    /// `tchar` of RFC 9110 §5.6.2: what method, header name, extension name and subprotocol are made of.
    @usableFromInline
    package var isTokenCharacter: Bool {
        // One bit for each character of ASCII: this is asked of every byte of every header name.
        let digitsAndSigns: UInt64 = 0x03FF_6CFA_0000_0000
        let lettersAndSigns: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        let half = self & 0x40 == 0 ? digitsAndSigns : lettersAndSigns
        return self < 0x80 && half >> UInt64(self & 0x3F) & 1 != 0
    }

    /// `field-vchar`, SP or HTAB of RFC 9110 §5.5: what may stand inside a header value.
    @usableFromInline
    package var isFieldValueCharacter: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }

    /// SP or HTAB, the optional white space `OWS` of RFC 9110 §5.6.3.
    @usableFromInline
    package var isOptionalWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// `DIGIT` of RFC 5234.
    @usableFromInline
    package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// The byte with `A`-`Z` folded to `a`-`z`; all others unchanged.
    @usableFromInline
    package var asciiLowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }

    /// The value of a hexadecimal digit, or `nil`.
    @usableFromInline
    package var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
