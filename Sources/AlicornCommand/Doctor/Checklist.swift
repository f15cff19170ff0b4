// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Foundation
import Synchronization

/// What was found, line by line for people, or as one object for programs.
final class Checklist: Sendable {
    private let steps = Mutex<[Step]>([])
    private let console: any Console
    private let hasColors: Bool
    private let isJSON: Bool

    init(on console: any Console, asJSON isJSON: Bool, hasColors: Bool) {
        self.console = console
        self.isJSON = isJSON
        self.hasColors = hasColors
    }

    func add(_ step: Step) {
        steps.withLock { $0.append(step) }
        if !isJSON { console.show(line(step)) }
    }

    private func line(_ step: Step) -> String {
        let (mark, color): (String, TerminalColor) =
            switch step.outcome {
            case .passed: ("✓", .green)
            case .noted: ("!", .yellow)
            case .skipped: ("-", .gray)
            case .failed: ("✗", .red)
            }
        let name = step.name.rawValue.padding(toLength: 25, withPad: " ", startingAt: 0)
        let time = step.duration.map { "  (\($0.shown))".colored(.gray, if: hasColors) } ?? ""
        return "\(mark.colored(color, if: hasColors)) \(name)\(step.text.escapedForLog)\(time)"
    }

    /// - Parameter address: what was examined.
    func end(_ address: String, _ fault: Fault?) {
        if isJSON { return console.show(object(address, fault)) }
        if let fault {
            console.show(
                "\n" + "Not healthy: \(fault.id.rawValue)".colored(.red, if: hasColors)
                    + "\n\n\(fault.cause.escapedForTerminal)\n\nWhat to do:\n\(fault.remedy.escapedForTerminal)")
        } else {
            console.show("\n" + "Healthy.".colored(.green, if: hasColors))
        }
    }

    // MARK: - For programs

    private struct Report: Encodable {
        struct Line: Encodable {
            let step, outcome, text: String
            let milliseconds: Double?
        }

        struct Trouble: Encodable {
            let id, cause, remedy: String
        }

        let address: String
        let healthy: Bool
        let steps: [Line]
        let fault: Trouble?
    }

    private func object(_ address: String, _ fault: Fault?) -> String {
        let report = Report(
            address: address, healthy: fault == nil,
            steps: steps.withLock { $0 }.map {
                Report.Line(
                    step: $0.name.rawValue, outcome: $0.outcome.rawValue, text: $0.text,
                    milliseconds: $0.duration.map { ($0 / .microseconds(1)).rounded() / 1000 })
            },
            fault: fault.map { Report.Trouble(id: $0.id.rawValue, cause: $0.cause, remedy: $0.remedy) })
        return JSONEncoder.forPrograms().text(of: report) ?? ""
    }
}
