// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import ArgumentParser
import Dispatch
import Foundation
import Logging

/// Sends the lines of standard input as messages, and prints those that come.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Talk to a WebSocket server: a line is a message, both ways.",
        discussion: """
            When standard input ends, the connection stays until the server closes it, at most for --timeout. The exit \
            status is 0 after a close with 1000 or 1001, and 1 with a sentence on standard error after any other end.
            """)

    @Argument(help: "The server's address, such as ws://127.0.0.1:8765/.")
    var uri: String

    @Option(
        help: ArgumentHelp("How long to wait for the server's close after the end of the input.", valueName: "seconds"))
    var timeout = 20.0

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout must be more than 0 seconds") }
    }

    func run() async throws {
        do {
            let closure = try await converse()
            guard closure.code == .normalClosure || closure.code == .goingAway else {
                throw Ending(closure.description)
            }
        } catch {
            let text = (error as? Ending)?.description ?? String(describing: error)
            FileHandle.standardError.write(Data("alicorn: \(text)\n".utf8))
            throw ExitCode(1)
        }
    }

    private func converse() async throws -> Closure {
        var configuration = WebSocketClient.Configuration()
        // The end is told on standard error, once.
        configuration.logger = Logger(label: "alicorn") { _ in SwiftLogNoOpLogHandler() }
        let connection = try await WebSocketClient.open(uri, configuration: configuration)
        let sender = Task {
            for await line in StandardInput.lines { try await connection.send(line) }
            try await Task.sleep(for: .seconds(timeout))
            try await connection.close(.normalClosure)
        }
        defer { sender.cancel() }
        do {
            while true {
                let message = try await connection.receive()
                // Not with `fflush(nil)`, which waits for whoever reads standard input.
                try FileHandle.standardOutput.write(contentsOf: Data("\(message)\n".utf8))
            }
        } catch let error as WebSocketError {
            guard error.code == .closed, let closure = error.closure else { throw error }
            return closure
        }
    }

    /// How it ended, when it ended otherwise than well.
    private struct Ending: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}

/// The lines of standard input, each read when it is asked for, on a queue of its own because reading blocks.
private struct StandardInput: AsyncSequence, AsyncIteratorProtocol {
    private let queue = DispatchQueue(label: "alicorn.standard-input")

    static var lines: Self { Self() }

    func makeAsyncIterator() -> Self { self }

    func next() async -> String? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: readLine()) }
        }
    }
}
