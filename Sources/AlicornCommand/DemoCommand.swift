// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import ArgumentParser
import NIOCore

/// One page, an echo and a chat room.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Serve a page with an echo box and a chat room.")

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks one.")
    var port = 8080

    func run() async throws {
        let chat = Chat()
        var configuration = WebSocketServer.Configuration()
        configuration.subprotocols = try Subprotocols(["demo.alicorn"], policy: .requiredWhenOffered)
        let server = WebSocketServer(
            host: host, port: port, configuration: configuration, logger: .command, respond: Self.respond
        ) { connection in
            switch connection.request.target {
            case "/chat": try await chat.serve(connection)
            default: for try await message in connection { try await connection.send(message) }
            }
        }
        try await server.runUntilSignal { print("open \($0.address(scheme: "http"))/ in a browser") }
    }

    private static let respond: WebSocketServer.Responder = { request in
        guard !request.fields.contains("Upgrade") else {
            return ["/chat", "/echo"].contains(request.target) ? nil : .text("Not Found\n", status: 404)
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .text("Only GET and HEAD are served here.\n", status: 405)
        }
        return request.target == "/"
            ? .text(DemoPage.html, contentType: "text/html; charset=utf-8") : .text("Not Found\n", status: 404)
    }
}
