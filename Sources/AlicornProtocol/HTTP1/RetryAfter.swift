// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ResponseHead {
    /// How long the server wants us to wait by its `Retry-After` (RFC 9110 §10.2.3); `nil` if it says nothing that can be
    /// understood.
    ///
    /// A date is taken relative to the response's own `Date`, so that nobody's clock has to be right.
    package var retryAfter: Duration? {
        guard let text = fields.first("Retry-After") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy(\.isDigit) { return .seconds(Int64(UInt32(text) ?? .max)) }
        guard let moment = HTTPMoment(text.utf8), let now = fields.first("Date").flatMap({ HTTPMoment($0.utf8) }) else {
            return nil
        }
        return .seconds(max(0, moment.seconds - now.seconds))
    }
}

/// A moment as it stands in a header: an `IMF-fixdate` such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
package struct HTTPMoment {
    /// Seconds since the beginning of 1970.
    package let seconds: Int64

    /// - Returns: `nil` for anything else; the day of the week is not looked at.
    package init?(_ text: some Sequence<UInt8>) {
        let bytes = Array(text)
        guard bytes.count == Self.form.count, zip(bytes, Self.form).allSatisfy(Self.fits) else { return nil }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        guard let month = Self.months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)) else { return nil }
        let (day, hour, minute, second) = (number(5..<7), number(17..<19), number(20..<22), number(23..<25))
        guard (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let days = Self.days(year: number(12..<16), month: Int64(month) + 1, day: day)
        seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let form = Array("aaa, 00 aaa 0000 00:00:00 GMT".utf8)
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func fits(_ byte: UInt8, _ pattern: UInt8) -> Bool {
        switch pattern {
        case UInt8(ascii: "0"): byte.isDigit
        case UInt8(ascii: "a"): byte.isLetter
        default: byte == pattern
        }
    }

    /// Days since the beginning of 1970, in the Gregorian calendar with years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
