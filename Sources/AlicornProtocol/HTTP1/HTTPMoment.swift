// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A moment as it stands in a header, in one of the three forms that recipients have to take (RFC 9110 §5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
package struct HTTPMoment {
    /// Seconds since the beginning of 1970.
    package let seconds: Int64

    /// - Returns: `nil` for anything else; the day of the week is not looked at.
    package init?(_ text: some Sequence<UInt8>) {
        let bytes = Array(text)
        let weekday = bytes.prefix(while: \.isLetter).count
        let rest = Array(bytes[weekday...])
        guard let form = Form.all.first(where: { $0.weekday.contains(weekday) && $0.fits(rest) }) else { return nil }
        func number(at position: Int, _ count: Int) -> Int64 {
            // The blank in front of a day of one digit is none.
            rest[position..<position + count].reduce(0) { $0 * 10 + ($1.isDigit ? Int64($1 - UInt8(ascii: "0")) : 0) }
        }
        let name = String(decoding: rest[form.month..<form.month + 3], as: UTF8.self)
        guard let month = Self.months.firstIndex(of: name) else { return nil }
        let (day, hour) = (number(at: form.day, 2), number(at: form.time, 2))
        let (minute, second) = (number(at: form.time + 3, 2), number(at: form.time + 6, 2))
        guard (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let days = Self.days(
            year: form.hasShortYear ? Self.year(number(at: form.year, 2)) : number(at: form.year, 4),
            month: Int64(month) + 1, day: day)
        seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The year of which these are the last two digits: from 1970 to 2069, so that none is 50 years in the future, which the
    /// RFC forbids.
    private static func year(_ digits: Int64) -> Int64 { digits < 70 ? 2000 + digits : 1900 + digits }

    /// Days since the beginning of 1970, in the Gregorian calendar with years that begin in March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}

/// One of the three forms: how long the name of the day is, what stands behind it, and where.
private struct Form {
    let weekday: ClosedRange<Int>
    /// `0` for a digit, `_` for a digit or a blank, `a` for a letter.
    let pattern: String
    let day: Int
    let month: Int
    let year: Int
    let time: Int
    var hasShortYear = false

    static let all = [
        Form(weekday: 3...3, pattern: ", 00 aaa 0000 00:00:00 GMT", day: 2, month: 5, year: 9, time: 14),
        Form(
            weekday: 6...9, pattern: ", 00-aaa-00 00:00:00 GMT", day: 2, month: 5, year: 9, time: 12, hasShortYear: true
        ),
        Form(weekday: 3...3, pattern: " aaa _0 00:00:00 0000", day: 5, month: 1, year: 17, time: 8),
    ]

    func fits(_ text: [UInt8]) -> Bool {
        guard text.count == pattern.utf8.count else { return false }
        return zip(text, pattern.utf8).allSatisfy { byte, expected in
            switch expected {
            case UInt8(ascii: "0"): byte.isDigit
            case UInt8(ascii: "_"): byte.isDigit || byte == UInt8(ascii: " ")
            case UInt8(ascii: "a"): byte.isLetter
            default: byte == expected
            }
        }
    }
}
