// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The grammar of `uri-host [ ":" port ]` (RFC 9112 §3.2, RFC 3986 §3.2.2).
enum HostSyntax {
    /// Whether a port has to be there.
    enum Port { case optional, required }

    /// Whether the range holds a host that is not empty (RFC 9110 §4.2.1), and a port below 65536 or none.
    static func isHost(_ range: Range<Int>, in bytes: Span<UInt8>, port: Port) -> Bool {
        var end = range.lowerBound
        if !range.isEmpty, bytes[end] == UInt8(ascii: "[") {
            while end < range.upperBound, bytes[end] != UInt8(ascii: "]") { end += 1 }
            guard end < range.upperBound, isAddress(range.lowerBound + 1..<end, in: bytes) else { return false }
            end += 1
        } else {
            end = endOfRegisteredName(range, in: bytes)
            guard end > range.lowerBound else { return false }
        }
        guard end < range.upperBound else { return port == .optional }
        guard bytes[end] == UInt8(ascii: ":") else { return false }
        return isPort(end + 1..<range.upperBound, in: bytes, port)
    }

    private static func isPort(_ range: Range<Int>, in bytes: Span<UInt8>, _ port: Port) -> Bool {
        var number = 0
        for index in range {
            guard bytes[index].isDigit else { return false }
            number = min(number &* 10 &+ Int(bytes[index] &- UInt8(ascii: "0")), 65536)
        }
        // RFC 3986 §3.2.3 lets the colon stand without a port; RFC 9110 §9.3.6 does not for CONNECT.
        return number < 65536 && (port == .optional || number > 0)
    }

    /// How far `reg-name` of RFC 3986 §3.2.2 reaches, which an IPv4 address is too.
    private static func endOfRegisteredName(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index].isRegisteredNameCharacter {
                index += 1
            } else {
                guard bytes[index] == UInt8(ascii: "%"), range.upperBound - index > 2,
                    bytes[index + 1].hexadecimalValue != nil, bytes[index + 2].hexadecimalValue != nil
                else { return index }
                index += 3
            }
        }
        return index
    }

    /// What stands in brackets: an IPv6 address, or one of a version to come (RFC 3986 §3.2.2).
    private static func isAddress(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        guard let first = range.first, bytes[first].asciiLowercased == UInt8(ascii: "v") else {
            return isIPv6(range, in: bytes)
        }
        var dot = first + 1
        while dot < range.upperBound, bytes[dot].hexadecimalValue != nil { dot += 1 }
        guard dot > first + 1, dot + 1 < range.upperBound, bytes[dot] == UInt8(ascii: ".") else { return false }
        for index in dot + 1..<range.upperBound {
            guard bytes[index].isRegisteredNameCharacter || bytes[index] == UInt8(ascii: ":") else { return false }
        }
        return true
    }

    /// Eight groups of up to four digits, of which one `::` may stand for any number, and the last two may be IPv4.
    private static func isIPv6(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        var groups = 0
        var isShortened = false
        var index = range.lowerBound
        while index < range.upperBound {
            if index + 1 < range.upperBound, bytes.holds("::", at: index..<index + 2) {
                guard !isShortened else { return false }
                isShortened = true
                index += 2
                continue
            }
            if groups > 0 || isShortened, bytes[index] == UInt8(ascii: ":") {
                // One colon stands between two groups, never behind `::` or at the end.
                guard bytes[index - 1] != UInt8(ascii: ":"), index + 1 < range.upperBound else { return false }
                index += 1
            }
            var end = index
            while end < range.upperBound, bytes[end].hexadecimalValue != nil { end += 1 }
            if end < range.upperBound, bytes[end] == UInt8(ascii: ".") {
                guard isIPv4(index..<range.upperBound, in: bytes) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(end - index) else { return false }
            groups += 1
            index = end
        }
        return isShortened ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        var index = range.lowerBound
        for place in 0..<4 {
            if place > 0 {
                guard index < range.upperBound, bytes[index] == UInt8(ascii: ".") else { return false }
                index += 1
            }
            let start = index
            var number = 0
            while index < range.upperBound, bytes[index].isDigit, index - start < 3 {
                number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                index += 1
            }
            let isPadded = index - start > 1 && bytes[start] == UInt8(ascii: "0")
            guard index > start, number < 256, !isPadded else { return false }
        }
        return index == range.upperBound
    }
}

extension UInt8 {
    /// A letter of ASCII.
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(asciiLowercased) }

    /// What a URI's scheme is made of (RFC 3986 §3.1).
    var isSchemeCharacter: Bool {
        isLetter || isDigit || self == UInt8(ascii: "+") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }

    /// `unreserved` or `sub-delims` of RFC 3986 §2.2 and §2.3.
    fileprivate var isRegisteredNameCharacter: Bool {
        // One bit for each character of ASCII: this is asked of every byte of every Host.
        let digitsAndSigns: UInt64 = 0x2BFF_7FD2_0000_0000
        let lettersAndSigns: UInt64 = 0x47FF_FFFE_87FF_FFFE
        let half = self & 0x40 == 0 ? digitsAndSigns : lettersAndSigns
        return self < 0x80 && half >> UInt64(self & 0x3F) & 1 != 0
    }
}

extension Span<UInt8> {
    /// Whether exactly that text stands in the range.
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            // SAFETY: offset is below the count of the text.
            let expected = unsafe text.utf8Start[offset]
            guard self[range.lowerBound + offset] == expected else { return false }
        }
        return true
    }
}
