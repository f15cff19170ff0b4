// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornWebSocket
import ArgumentParser
import Foundation
import Logging

/// Sends lines as messages, and shows those that come.
struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Talk to a WebSocket server: a line is a message, both ways.",
        discussion: """
            In a terminal, what comes is shown above the line that you type; /help lists the commands, Ctrl-D and Ctrl-C close. \
            From a pipe each line is sent as it is, and messages alone are printed, each on a line; when the input ends, the \
            connection stays until the server closes it, at most for --timeout.

            Lines that are typed are kept for the next run in $XDG_STATE_HOME/alicorn/history, or ~/.local/state/alicorn/history, \
            which nobody else can read; those that begin with a blank are not.

            The exit status is 0 after a close with 1000, 1001 or without a code, 1 when no connection came about, 2 for wrong \
            options, 3 when the connection ended otherwise, and 130 after Ctrl-C without a connection.
            """)

    @Argument(help: "The server's address, such as ws://127.0.0.1:8765/.")
    var uri: String

    @OptionGroup(title: "Connection") var client: ClientOptions

    @OptionGroup(title: "Connection") var receiving: ReceivingOptions

    @Option(help: ArgumentHelp("The redirects that are followed.", valueName: "number"))
    var maxRedirects = 10

    @Option(help: ArgumentHelp("The time between our pings; 0 for none.", valueName: "seconds"))
    var pingInterval = DurationArgument(seconds: 20)

    @Option(help: ArgumentHelp("How lines are sent.", valueName: "text|binary|hex|base64"))
    var send = InputLine.Encoding.text

    @OptionGroup(title: "Output") var output: OutputOptions

    @Flag(help: "Connect again whenever the connection is lost.")
    var reconnect = false

    @Flag(help: "Neither show lines of earlier runs with the arrow keys, nor keep those that are typed now.")
    var noHistory = false

    @Option(
        help: ArgumentHelp("How long to wait for the server's close after the end of the input.", valueName: "seconds"))
    var timeout = DurationArgument(seconds: 20)

    func validate() throws {
        guard !timeout.isZero else { throw ValidationError("--timeout must be more than 0 seconds") }
        guard maxRedirects >= 0 else { throw ValidationError("--max-redirects must not be negative") }
    }

    func run() async throws {
        var configuration = try client.configuration()
        receiving.apply(to: &configuration)
        configuration.maximumRedirects = maxRedirects
        configuration.connection.limits.pingInterval = pingInterval.isZero ? nil : pingInterval.duration
        let console: any Console = output.terminal(history: noHistory ? nil : LineHistory()) ?? PlainConsole()
        let transcript = output.transcript(on: console, isForPeople: isatty(STDOUT_FILENO) == 1)
        let isTyped = !output.jsonl && isatty(STDIN_FILENO) == 1
        let conversation = Conversation(
            settings(configuration, transcript, isTyped: isTyped), console, transcript)
        let watch = try SignalWatch(.interrupt, .terminate, .hangUp)
        let listening = Task { for await _ in watch.signals { conversation.interrupt() } }
        let outcome = await conversation.run()
        listening.cancel()
        console.end()
        if outcome != .closed { throw ExitCode(outcome.status) }
    }

    private func settings(
        _ configuration: WebSocketClient.Configuration, _ transcript: any Transcript, isTyped: Bool
    ) -> Conversation.Settings {
        var configuration = configuration
        if output.verbose {
            configuration.logger = Logger(label: "alicorn") { _ in
                WireLogHandler(framesOnly: false) { _ in transcript }
            }
        }
        return Conversation.Settings(
            uri: uri, configuration: configuration, parse: parser(isTyped: isTyped), endsWithInput: isTyped,
            patience: timeout.duration,
            reconnects: reconnect, hint: isTyped ? "/help lists the commands, Ctrl-D ends." : "")
    }

    private func parser(isTyped: Bool) -> @Sendable (String) -> InputLine {
        let encoding = send
        if output.jsonl { return { InputLine(json: $0) } }
        if isTyped { return { InputLine(typed: $0, as: encoding) } }
        return { InputLine(message: $0, as: encoding) }
    }
}

extension InputLine.Encoding: ExpressibleByArgument {}
