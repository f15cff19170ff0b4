// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// One line of a log, put together as bytes: an access line is written for every request.
///
/// Nothing that is appended can begin another line or drive a terminal, whoever wrote it. What is printable ASCII, as nearly
/// all is, costs its copy.
package struct LogLine: Sendable {
    /// The line in UTF-8.
    package private(set) var bytes: [UInt8] = []
    private let rendering: Rendering

    /// For what the line is made.
    package enum Rendering: Sendable, Hashable {
        /// For files and programs.
        case plain
        /// For terminals, with styles (U-LG-03).
        case terminal
    }

    /// Begins an empty line with room for a usual one.
    package init(_ rendering: Rendering = .plain) {
        self.rendering = rendering
        bytes.reserveCapacity(256)
    }

    /// What is escaped of a text, beside the control characters.
    package enum Escaping: Sendable, Hashable {
        /// Nothing, so that what was escaped before is not escaped again.
        case controls
        /// Quotation marks and backslashes: the text may stand between quotation marks, and its end cannot be forged.
        case quotable
    }

    /// Appends a text, escaped.
    package mutating func append(_ text: String, _ escaping: Escaping = .controls) { append(text[...], escaping) }

    /// Appends a text, escaped.
    package mutating func append(_ text: Substring, _ escaping: Escaping = .controls) {
        if text.utf8.allSatisfy({ $0.isPlain(for: escaping) }) {
            bytes.append(contentsOf: text.utf8)
            return
        }
        switch escaping {
        case .controls: bytes.append(contentsOf: text.withoutControls.utf8)
        case .quotable:
            for byte in text.escapedForLog.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
        }
    }

    /// Appends a message with its styles, if the line is for a terminal.
    package mutating func append(_ message: StyledMessage) {
        bytes.append(contentsOf: (rendering == .terminal ? message.styled : message.plain).utf8)
    }

    /// Appends what `body` does, in a style if the line is for a terminal.
    package mutating func append(in style: TextStyle?, _ body: (inout Self) -> Void) {
        guard rendering == .terminal, let style else { return body(&self) }
        bytes.append(contentsOf: style.start.utf8)
        body(&self)
        bytes.append(contentsOf: TextStyle.end.utf8)
    }

    /// Appends a path as it stands in a URI, escaped as Python's `urllib.parse.quote` does it (U-LG-04).
    package mutating func append(path: String) {
        for byte in path.utf8 {
            if byte.staysInQuotedPath {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Self.hexadecimalDigits[Int(byte >> 4)])
                bytes.append(Self.hexadecimalDigits[Int(byte & 0xF)])
            }
        }
    }

    /// Appends a number, with zeros before it until it has so many digits.
    package mutating func append(decimal number: some BinaryInteger, digits: Int = 1) {
        let text = String(number)
        for _ in 0..<max(0, digits - text.utf8.count) { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a number that is counted in units of its last decimal: 12345 with 3 decimals is `12.345`.
    package mutating func append(decimal number: Int64, decimals: Int) {
        let unit = (0..<decimals).reduce(Int64(1)) { product, _ in product * 10 }
        append(decimal: number / unit)
        bytes.append(UInt8(ascii: "."))
        append(decimal: number % unit, digits: decimals)
    }

    /// Ends the line.
    package mutating func end() { bytes.append(UInt8(ascii: "\n")) }

    private static let hexadecimalDigits = Array("0123456789ABCDEF".utf8)
}

extension StringProtocol {
    /// The text with its control characters escaped, but not its backslashes.
    var withoutControls: String {
        split(separator: "\\", omittingEmptySubsequences: false).map(\.escapedForLog).joined(separator: "\\")
    }
}

extension UInt8 {
    /// Whether it is printable ASCII that stands for itself.
    fileprivate func isPlain(for escaping: LogLine.Escaping) -> Bool {
        guard self >= 0x20, self < 0x7F else { return false }
        return switch escaping {
        case .controls: true
        case .quotable: self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
        }
    }

    /// What `urllib.parse.quote` leaves alone: `unreserved` of RFC 3986 §2.3, and the slash.
    fileprivate var staysInQuotedPath: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
