// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

extension Double {
    /// With that many digits behind the point.
    func shown(decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}

extension Int {
    /// With commas between thousands.
    var shown: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }
}

extension String {
    /// With blanks before it, up to that many characters.
    func padded(to width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }
}
