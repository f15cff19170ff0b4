// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornWebSocket
import ArgumentParser
import Foundation
import Logging

/// Serves WebSocket connections, and shows all that passes.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Serve WebSocket connections, and show every frame: for testing clients.",
        discussion: """
            Each line says whom it is about, then what came (<) or went (>). With --echo messages go back; lines of the input go to \
            all connections.

            The exit status is 0 after Ctrl-C and SIGTERM, 1 when it cannot listen, and 2 for wrong options.
            """)

    @OptionGroup var serving: ServingOptions

    @Option(
        help: ArgumentHelp("The server's certificate, in PEM: it then speaks TLS.", valueName: "file"),
        completion: .file())
    var cert: String?

    @Option(
        help: ArgumentHelp("The key of that certificate, in PEM; the same file unless given.", valueName: "file"),
        completion: .file())
    var key: String?

    @Flag(help: "Send messages back.")
    var echo = false

    @Option(help: ArgumentHelp("Send this to each connection that opens; repeat it.", valueName: "text"))
    var greet: [String] = []

    @Option(help: ArgumentHelp("The longest message accepted; 0 for no limit.", valueName: "bytes"))
    var maxSize = 16 << 20

    @OptionGroup(title: "Misbehaviour") var misbehaviour: Misbehaviour

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard maxSize >= 0 else { throw ValidationError("--max-size must not be negative") }
        guard key == nil || cert != nil else { throw ValidationError("--key needs --cert") }
    }

    func run() async throws {
        let console: any Console = output.terminal(history: nil) ?? PlainConsole()
        defer { console.end() }
        let transcript: @Sendable (String) -> any Transcript = { [output] in
            output.transcript(on: console, about: $0, isForPeople: true)
        }
        let room = ListeningRoom(
            misbehaviour, echoes: echo, greetings: greet, showsMessages: output.jsonl || output.pretty,
            transcript: transcript)
        let server = WebSocketServer(
            listeningOn: serving.address,
            configuration: try configuration(),
            logger: Logger(label: "alicorn") { [output] _ in
                WireLogHandler(framesOnly: !output.verbose, transcript: transcript)
            },
            respond: { [misbehaviour] in try await misbehaviour.respond(to: &$0) }, handler: { await room.serve($0) })
        let scheme = cert == nil ? "ws" : "wss"
        try await server.runUntilSignal { [output] address in
            output.transcript(on: console, isForPeople: true).listening(on: address.address(scheme: scheme))
            console.read { line in if let line { room.post(line) } }
        }
    }

    private func configuration() throws -> WebSocketServer.Configuration {
        var configuration = try serving.configuration(maximumSize: maxSize)
        configuration.connection.limits.answersPings = !misbehaviour.noPong
        if misbehaviour.stall { configuration.connection.receiveQueueLimit = 1 }
        if let cert {
            configuration.tls = try ServerTLS(identity: .pemFiles(certificateChain: cert, privateKey: key ?? cert))
        }
        return configuration
    }
}

extension Misbehaviour {
    /// What a handshake gets instead of being accepted.
    @Sendable
    func respond(to request: inout WebSocketServer.Request) async throws -> WebSocketServer.Response? {
        // What `--delay` is for.
        if !delay.isZero { try await Task.sleep(for: delay.duration) }
        return refuse.map { .text("This server refuses handshakes.\n", status: Int($0)) }
    }
}
