// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How a part of a line stands out on a terminal (U-LG-03).
package enum TextStyle: Sendable, Hashable {
    case blue, cyan, green, yellow, red, brightRed, brightWhite
    case bold, boldCyan

    /// What switches it on: the sequences of uvicorn, byte for byte.
    package var start: String {
        switch self {
        case .blue: "\u{1B}[34m"
        case .cyan: "\u{1B}[36m"
        case .green: "\u{1B}[32m"
        case .yellow: "\u{1B}[33m"
        case .red: "\u{1B}[31m"
        case .brightRed: "\u{1B}[91m"
        case .brightWhite: "\u{1B}[97m"
        case .bold: "\u{1B}[1m"
        case .boldCyan: "\u{1B}[36m\u{1B}[1m"
        }
    }

    /// What switches all of them off.
    package static let end = "\u{1B}[0m"
}

/// A message of which parts stand out on a terminal: `"Started server process [\(number, .cyan)]"`.
///
/// It is uvicorn's `color_message` beside the message (U-LG-03). What is interpolated cannot break the line or drive the
/// terminal; the literal is trusted.
package struct StyledMessage: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// Without styles.
    package let plain: String
    /// With them.
    package let styled: String

    package init(stringLiteral text: String) {
        plain = text
        styled = text
    }

    package init(stringInterpolation parts: StringInterpolation) {
        plain = parts.plain
        styled = parts.styled
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var plain = ""
        fileprivate var styled = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            plain.reserveCapacity(literalCapacity)
            styled.reserveCapacity(literalCapacity)
        }

        package mutating func appendLiteral(_ text: String) {
            plain += text
            styled += text
        }

        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            appendLiteral(value.description.withoutControls)
        }

        package mutating func appendInterpolation(_ value: some CustomStringConvertible, _ style: TextStyle) {
            let text = value.description.withoutControls
            plain += text
            styled += style.start + text + TextStyle.end
        }
    }
}
