// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A peer's text as errors and logs show it: in quotes, short, and on one line whatever it holds.
///
/// Quotes, backslashes and all that controls a terminal or breaks a line (C0, C1, separators, bidirectional marks) are
/// escaped, so what a peer sends can forge neither a log line nor a sentence of ours.
package struct Excerpt: CustomStringConvertible, Sendable {
    /// The most characters of the original that are shown.
    package static let limit = 100

    /// The quoted text.
    package let description: String

    package init(_ text: String) {
        var quoted = "\""
        for scalar in text.unicodeScalars.prefix(Self.limit) { quoted += Self.escape(scalar) }
        let isWhole = text.unicodeScalars.dropFirst(Self.limit).isEmpty
        description = quoted + (isWhole ? "\"" : "...\"")
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(scalar.value, radix: 16))}"
        default: scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
        }
    }
}
