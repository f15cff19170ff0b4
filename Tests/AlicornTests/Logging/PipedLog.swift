// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Logging

/// A log of the server that writes to pipes, at a time that stands still.
struct PipedLog {
    let log: ConsoleLog
    private let output = LogPipe()
    private let errors = LogPipe()

    init(_ change: (inout ConsoleLog.Settings) -> Void = { _ in }) {
        var settings = ConsoleLog.Settings()
        change(&settings)
        log = ConsoleLog(settings, output: output.output, errors: errors.output) {
            WallTime(unixSeconds: 784_111_777, milliseconds: 7)
        }
    }

    /// What went to standard output since the last time.
    func takeOutput() -> String { output.take() }
    /// What went to standard error since the last time.
    func takeErrors() -> String { errors.take() }
}
