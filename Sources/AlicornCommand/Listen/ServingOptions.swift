// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import ArgumentParser

/// Where a server listens and what it agrees to: the options of all commands that serve WebSocket connections alone.
struct ServingOptions: ParsableArguments {
    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks one.")
    var port = 8765

    @Option(help: ArgumentHelp("Listen on a Unix socket instead.", valueName: "path"), completion: .file())
    var uds: String?

    @Flag(help: "Do not compress.")
    var noDeflate = false

    @Option(help: "Subprotocols to choose from, when the client offers some; separated by commas.")
    var subprotocols: String?

    @Option(help: "Origins to allow, when the client sends one; separated by commas.")
    var origins: String?

    var address: WebSocketServer.Address { uds.map { .unix(path: $0) } ?? .tcp(host: host, port: port) }

    /// - Parameter maximumSize: the longest message accepted; 0 for no limit.
    func configuration(maximumSize: Int) throws -> WebSocketServer.Configuration {
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.maximumMessageSize = maximumSize == 0 ? nil : maximumSize
        if noDeflate { configuration.deflate = nil }
        if let subprotocols {
            configuration.subprotocols = try Subprotocols(
                subprotocols.split(separator: ",").map(String.init), policy: .requiredWhenOffered)
        }
        if let origins {
            configuration.origins = Origins(
                try origins.split(separator: ",").map { try OriginPattern(String($0)) }, check: .whenSent)
        }
        return configuration
    }
}
