// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

/// What a supervisor leaves a worker in a variable of its environment: descriptors, and which of the workers it is.
package struct WorkerInheritance: Equatable {
    package static let variable = "ALICORN_WORKER"

    package var link: Int32
    package var number: Int
    package var listening: [Int32]

    package init(link: Int32, number: Int, listening: [Int32]) {
        self.link = link
        self.number = number
        self.listening = listening
    }

    /// - Returns: `nil` for what no supervisor has written.
    package init?(_ text: String) {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false).map { Int32($0) ?? -1 }
        guard fields.count >= 2, fields.allSatisfy({ $0 >= 0 }) else { return nil }
        self.init(link: fields[0], number: Int(fields[1]), listening: Array(fields[2...]))
    }

    package var text: String { ([link, Int32(clamping: number)] + listening).map(String.init).joined(separator: ",") }
}

extension ChildProcess {
    /// Starts a worker.
    ///
    /// - Returns: it, and the supervisor's end of the link.
    static func worker(
        _ program: WorkerProgram, number: Int, listening: [Int32]
    ) throws(SystemFailure) -> (ChildProcess, LinkSocket) {
        let (own, others) = try LinkSocket.pair()
        // Its own copy of the other end goes at the end of this, so that the death of the worker is the end of the link.
        let inheritance = WorkerInheritance(link: others.descriptor, number: number, listening: listening)
        var environment = program.environment
        environment[WorkerInheritance.variable] = inheritance.text
        let child = try ChildProcess(
            program.path, arguments: program.arguments, environment: environment,
            passed: [others.descriptor] + listening)
        return (child, own)
    }
}
