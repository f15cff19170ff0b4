// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// Standard input and output as they are: files, pipes, and terminals that can do no more.
struct PlainConsole: Console {
    func read(_ take: @escaping @Sendable (String?) -> Void) {
        Thread.detachNewThread {
            while let line = readLine() { take(line) }
            take(nil)
        }
    }

    func show(_ text: String) {
        // Not with `fflush(nil)`, which waits for whoever reads standard input. Nobody is left to be told that nobody reads.
        try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }

    func end() {}

    /// Says something that is not the command's output, on standard error.
    static func complain(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
    }
}
