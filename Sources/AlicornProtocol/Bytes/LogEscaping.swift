// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension StringProtocol {
    /// The text as it may stand in one line of a log, whoever wrote it.
    ///
    /// Controls (C0, DEL and C1), line and paragraph separators, bidirectional and other invisible formats, and code points
    /// without a character come out as `\n`, `\x1b`, `\u2028` or `\U000e0001`: nothing a peer sends can begin a line,
    /// drive a terminal or hide what follows. Costs one pass.
    package var escapedForLog: String {
        var escaped = ""
        for scalar in unicodeScalars { escaped.append(escaping: scalar) }
        return escaped
    }
}

extension String {
    /// Appends a scalar, escaped where a log must not hold it as it is; the backslash too, so that escapes are unambiguous.
    mutating func append(escaping scalar: Unicode.Scalar) {
        switch scalar {
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case _ where scalar.isPrintable: unicodeScalars.append(scalar)
        case _ where scalar.value <= 0xFF: append("\\x" + hexadecimal(scalar.value, digits: 2))
        case _ where scalar.value <= 0xFFFF: append("\\u" + hexadecimal(scalar.value, digits: 4))
        default: append("\\U" + hexadecimal(scalar.value, digits: 8))
        }
    }
}

extension Unicode.Scalar {
    /// Whether it shows as itself in one place of a line.
    fileprivate var isPrintable: Bool {
        guard value >= 0x7F else { return value >= 0x20 }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}

private func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
