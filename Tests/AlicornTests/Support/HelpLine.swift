// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser

/// An option as the help shows it.
struct HelpLine: Sendable {
    let name: String
    /// What stands behind `default:`; `nil` for nothing.
    let standard: String?

    static let all: [HelpLine] = {
        // So wide that nothing is wrapped, but what stands below a long name.
        let help = ServeOptions.helpMessage(columns: 10_000).replacing(/\n {10,}/, with: " ")
        return help.split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: /^  --([a-z0-9-]+)/), match.1 != "help" else { return nil }
            let standard = line.firstMatch(of: /\[default: (.*)\]$/)
            return HelpLine(name: String(match.1), standard: standard.map { String($0.1) })
        }
    }()
}
