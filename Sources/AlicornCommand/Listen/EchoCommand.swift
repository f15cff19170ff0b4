// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import ArgumentParser
import NIOCore

/// The server that conformance runs and benchmarks talk to.
struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo", abstract: "Serve an echo on every path, and a broadcast on /broadcast.",
        discussion: """
            Measurements and test suites talk to it: it shows nothing but the address that it listens on.

            The exit status is 0 after SIGINT and SIGTERM, 1 when it cannot listen, and 2 for wrong options.
            """)

    enum Surface: String, ExpressibleByArgument, CaseIterable {
        case async, callback
    }

    enum Engine: String, ExpressibleByArgument, CaseIterable {
        case auto, nio, native

        var choice: WebSocketServer.Engine {
            switch self {
            case .auto: .automatic
            case .nio: .nio
            case .native: .native
            }
        }
    }

    @OptionGroup var serving: ServingOptions

    @Option(help: ArgumentHelp("Listen on an inherited socket instead.", valueName: "descriptor"))
    var fd: Int32?

    @Flag(help: "Let other processes listen on the same port.")
    var reusePort = false

    @Option(help: "What carries the connections.")
    var engine = Engine.auto

    @Option(help: ArgumentHelp("The longest message accepted; 0 for no limit.", valueName: "bytes"))
    var maxSize = 1 << 20

    @Option(help: "Serve with tasks or with callbacks.")
    var surface = Surface.async

    @Option(help: "Event loops; one for each core unless told.")
    var threads: Int?

    @Option(help: ArgumentHelp("How long the opening handshake may take.", valueName: "seconds"))
    var openTimeout = DurationArgument(seconds: 10)

    @Option(help: ArgumentHelp("How long closing may take.", valueName: "seconds"))
    var closeTimeout = DurationArgument(seconds: 10)

    func validate() throws {
        guard maxSize >= 0 else { throw ValidationError("--max-size must not be negative") }
        guard !openTimeout.isZero, !closeTimeout.isZero else {
            throw ValidationError("a timeout must be more than 0 seconds")
        }
        if serving.uds != nil, fd != nil { throw ValidationError("--uds and --fd exclude each other") }
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    }

    func run() async throws {
        let configuration = try makeConfiguration()
        let server =
            switch surface {
            case .async:
                asyncServer(configuration)
            case .callback:
                callbackServer(configuration)
            }
        try await server.runUntilSignal { PlainConsole().show("listening on \($0.address(scheme: "ws"))") }
    }

    private func asyncServer(_ configuration: WebSocketServer.Configuration) -> WebSocketServer {
        let room = Room<WebSocketConnection>()
        return WebSocketServer(
            listeningOn: address, configuration: configuration, logger: .command, respond: { Self.respond(to: &$0) }
        ) { connection in
            if connection.request.target == "/broadcast" {
                try await room.join(connection)
            } else {
                for try await message in connection { try await connection.send(message) }
            }
        }
    }

    private func callbackServer(_ configuration: WebSocketServer.Configuration) -> WebSocketServer {
        let room = Room<CallbackConnection>()
        return WebSocketServer(
            listeningOn: address, configuration: configuration, logger: .command, respond: { Self.respond(to: &$0) },
            callbacks: { request in
                request.target == "/broadcast" ? RoomHandler(room: room) as any WebSocketHandler : EchoHandler()
            })
    }

    private var address: WebSocketServer.Address {
        fd.map { .descriptor($0) } ?? serving.address
    }

    private func makeConfiguration() throws -> WebSocketServer.Configuration {
        var configuration = try serving.configuration(maximumSize: maxSize)
        configuration.connection.limits.closeTimeout = closeTimeout.duration
        configuration.connection.openTimeout = openTimeout.duration
        configuration.engine = engine.choice
        configuration.threads = threads
        configuration.reusesPort = reusePort
        return configuration
    }

    /// `Hello, World!` for plain requests to `/`; everything else goes on to the opening handshake.
    @Sendable
    private static func respond(to request: inout WebSocketServer.Request) -> WebSocketServer.Response? {
        guard !request.fields.contains("Upgrade"), request.target == "/", request.method == "GET" else { return nil }
        return hello
    }

    private static let hello = WebSocketServer.Response.text("Hello, World!")
}

/// Sends every message back.
private final class EchoHandler: WebSocketHandler {
    func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
        try? connection.send(bytes, as: kind)
    }
}
