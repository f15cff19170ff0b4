// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import AlicornWebSocket
import ArgumentParser
import Foundation
import Logging

/// Finds out why a connection to a server does not work.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find out why a WebSocket connection fails, and what to do about it.",
        discussion: """
            Goes the way of a client: the address, DNS, TCP, a proxy, TLS, the answer and each of its fields, a ping, a time \
            without traffic if you like, and the closing handshake. At the first fault it says what is wrong, who does it, \
            and what to do; to tell one cause from another it may connect some times more, without and with the page's \
            origin, with and without TLS, and with an ordinary GET.

            The exit status is 0 when all is well, 1 when a fault was found, 2 for wrong options, and 130 after Ctrl-C.
            """)

    @Argument(help: "The server's address, such as wss://example.com/feed.")
    var uri: String

    @Option(
        help: ArgumentHelp(
            "Leave the connection without traffic for so long, such as 90, 5m or 1h, to find the time limits of proxies.",
            valueName: "duration"))
    var idle: DurationArgument?

    @Option(
        help: ArgumentHelp("How long to wait for a pong, and for the answer to our close frame.", valueName: "seconds"))
    var timeout = DurationArgument(seconds: 10)

    @OptionGroup(title: "Connection") var client: ClientOptions

    @OptionGroup(title: "Connection") var receiving: ReceivingOptions

    @Flag(help: "Print one object of JSON at the end; for programs.")
    var json = false

    @OptionGroup var colors: ColorOptions

    @Flag(name: .shortAndLong, help: "Show heads and frames on standard error.")
    var verbose = false

    func validate() throws {
        guard !timeout.isZero else { throw ValidationError("--timeout must be more than 0 seconds") }
        guard idle?.isZero != true else { throw ValidationError("--idle must be more than 0 seconds") }
    }

    func run() async throws {
        var configuration = try client.configuration()
        receiving.apply(to: &configuration)
        let console = PlainConsole()
        if verbose {
            let transcript = LineTranscript(
                console: console, peer: nil, isForPeople: false, hasColors: false, hasTimes: false, isPretty: false,
                binary: .hex)
            configuration.logger = Logger(label: "alicorn") { _ in
                WireLogHandler(framesOnly: false) { _ in transcript }
            }
        }
        let checklist = Checklist(on: console, asJSON: json, hasColors: colors.color.isOn())
        let examination = Examination(
            address: uri, configuration: configuration, idle: idle?.duration, patience: timeout.duration,
            report: { checklist.add($0) })
        let watch = try SignalWatch(.interrupt, .terminate, .hangUp)
        let course = Task { try await examination.run() }
        let stopper = Task { for await _ in watch.signals { course.cancel() } }
        defer { stopper.cancel() }
        guard case .success(let fault) = await course.result else { throw ExitCode(130) }
        checklist.end(uri, fault)
        if fault != nil { throw ExitCode(1) }
    }
}
