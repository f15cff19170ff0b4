// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// JSON as it came, on several lines: keys keep their order, and numbers their digits.
enum JSONText {
    /// - Returns: `nil` for what is no JSON object or array.
    static func pretty(_ text: String) -> String? {
        guard text.first(where: { !$0.isWhitespace }).map({ $0 == "{" || $0 == "[" }) == true,
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
        else { return nil }
        var (result, depth, isInString, isEscaped) = ("", 0, false, false)
        var previous: Unicode.Scalar = " "
        func lineBreak() -> String { "\n" + String(repeating: "  ", count: depth) }
        for scalar in text.unicodeScalars {
            if isInString {
                result.unicodeScalars.append(scalar)
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else if scalar == "\"" {
                    isInString = false
                }
                previous = scalar
                continue
            }
            if Self.blanks.contains(scalar) { continue }
            let isFirst = previous == "{" || previous == "["
            let isEnd = scalar == "}" || scalar == "]"
            if isEnd { depth -= 1 }
            // What is empty stays on its line.
            if isFirst != isEnd { result += lineBreak() }
            result.unicodeScalars.append(scalar)
            switch scalar {
            case "{", "[": depth += 1
            case "\"": isInString = true
            case ",": result += lineBreak()
            case ":": result += " "
            default: break
            }
            previous = scalar
        }
        return result
    }

    private static let blanks: Set<Unicode.Scalar> = [" ", "\t", "\n", "\r"]
}
