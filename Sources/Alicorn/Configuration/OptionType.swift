// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What an option's value can be, and how it is read from a text, wherever that stands.
struct OptionType<Value: Sendable>: Sendable {
    /// What the value must be, as the end of a sentence.
    let expected: String
    /// Whether any text will do, so that a number or a boolean of a configuration file is a mistake.
    var isText = false
    /// - Returns: `nil` for what is none.
    let parse: @Sendable (String) -> Value?

    init(_ expected: String, isText: Bool = false, parse: @escaping @Sendable (String) -> Value?) {
        self.expected = expected
        self.isText = isText
        self.parse = parse
    }

    /// A value of that type, or the word `none`.
    static func orNone<Wrapped>(_ type: OptionType<Wrapped>) -> Self where Value == Wrapped? {
        Self("\(type.expected), or none") { text in
            text.lowercased() == "none" ? .some(nil) : type.parse(text).map { .some($0) }
        }
    }
}

extension OptionType where Value == String {
    static var text: Self { Self("a text", isText: true) { $0 } }

    static var asciiText: Self {
        Self("a text of printable ASCII characters", isText: true) { text in
            text.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? text : nil
        }
    }

    /// One of the words, or `module:name` in Python.
    static func word(_ words: String...) -> Self {
        Self("\(words.joined(separator: ", ")), or an import string such as module:name") { text in
            words.contains(text.lowercased()) ? text.lowercased() : text.contains(":") ? text : nil
        }
    }
}

extension OptionType where Value == Bool {
    /// click's words (U-C-02).
    static var boolean: Self {
        Self("a boolean: 1, true, t, yes, y or on, or 0, false, f, no, n or off") { text in
            switch text.lowercased() {
            case "1", "true", "t", "yes", "y", "on": true
            case "0", "false", "f", "no", "n", "off": false
            default: nil
            }
        }
    }
}

extension OptionType where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self("a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// - Parameter least: the smallest that makes sense.
    static func count(atLeast least: Int) -> Self {
        // Sums and products of what is told stay far from overflow.
        Self("a number, at least \(least)") { text in
            Int(text).flatMap { (least...1 << 53).contains($0) ? $0 : nil }
        }
    }

    static func bytes(atLeast least: Int) -> Self {
        Self("a number of bytes, at least \(least)", parse: count(atLeast: least).parse)
    }
}

extension OptionType where Value == Duration {
    /// Seconds, also with a fraction.
    static var seconds: Self {
        Self("a number of seconds, not negative") { text in
            // A million days: what is longer is a mistake, and a `Duration` has to hold it.
            Double(text).flatMap { $0 >= 0 && $0 <= 86_400_000_000 ? .seconds($0) : nil }
        }
    }

    /// The same, but not 0.
    static var secondsAboveZero: Self {
        Self("a number of seconds, more than 0") { text in seconds.parse(text).flatMap { $0 > .zero ? $0 : nil } }
    }
}

extension OptionType where Value: RawRepresentable<String> & CaseIterable {
    /// One of an enumeration's words, in any case of letters.
    static var choice: Self {
        Self("one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))") { Value(rawValue: $0.lowercased()) }
    }
}
