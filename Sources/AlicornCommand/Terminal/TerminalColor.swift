// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser
import Foundation

/// Whether what is printed has colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// With `auto` on a terminal, unless the environment says `NO_COLOR` (https://no-color.org).
    ///
    /// - Parameter descriptor: what is printed to.
    func isOn(
        on descriptor: Int32 = STDOUT_FILENO, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            isatty(descriptor) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}

/// A colour of the terminal's own palette.
enum TerminalColor: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case cyan = 36
    case gray = 90
}

extension String {
    /// The text in this colour, where there are colours.
    func colored(_ color: TerminalColor, if isOn: Bool) -> String {
        isOn ? "\u{1B}[\(color.rawValue)m\(self)\u{1B}[0m" : self
    }
}
