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
            switch scalar {
            case " ", "\t", "\n", "\r": continue
            case "{", "[":
                if previous == "{" || previous == "[" { result += lineBreak() }
                depth += 1
                result.unicodeScalars.append(scalar)
            case "}", "]":
                depth -= 1
                if previous != "{", previous != "[" { result += lineBreak() }
                result.unicodeScalars.append(scalar)
            default:
                if previous == "{" || previous == "[" { result += lineBreak() }
                result.unicodeScalars.append(scalar)
                if scalar == "\"" { isInString = true }
                if scalar == "," { result += lineBreak() }
                if scalar == ":" { result += " " }
            }
            previous = scalar
        }
        return result
    }
}
