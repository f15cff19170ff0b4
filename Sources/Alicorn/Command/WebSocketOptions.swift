// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/WebSocket``.
struct WebSocketOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What speaks WebSocket: auto, alicorn, nio or none. uvicorn's websockets, websockets-sansio and wsproto mean "
                + "alicorn. [default: auto]", valueName: "implementation"))
    var ws: String?

    @Option(help: ArgumentHelp("The longest message, or none for any. [default: 16777216]", valueName: "bytes"))
    var wsMaxSize: String?

    @Option(
        help: ArgumentHelp(
            "Messages that wait for the application before reading pauses. [default: 32]", valueName: "count"))
    var wsMaxQueue: String?

    @Option(
        help: ArgumentHelp(
            "Bytes that wait for the application before reading pauses. [default: 1048576]", valueName: "bytes"))
    var wsMaxQueueBytes: String?

    @Option(help: ArgumentHelp("The time between pings; 0 or none for no pings. [default: 20]", valueName: "seconds"))
    var wsPingInterval: String?

    @Option(help: ArgumentHelp("How long a pong may take, or none for any time. [default: 20]", valueName: "seconds"))
    var wsPingTimeout: String?

    @Option(help: ArgumentHelp("Compress messages with permessage-deflate. [default: true]", valueName: "boolean"))
    var wsPerMessageDeflate: String?

    @Option(help: ArgumentHelp("How hard to compress: from 1, fast, to 9, small. [default: 6]", valueName: "level"))
    var wsDeflateLevel: String?

    @Option(
        help: ArgumentHelp(
            "The compression window is 2 to the power of this, in bytes: 9 to 15. [default: 12]", valueName: "bits"))
    var wsDeflateWindowBits: String?

    @Option(help: ArgumentHelp("zlib's memory level for compression: 1 to 9. [default: 5]", valueName: "level"))
    var wsDeflateMemoryLevel: String?

    @Option(help: ArgumentHelp("Send shorter messages uncompressed. [default: 64]", valueName: "bytes"))
    var wsDeflateThreshold: String?

    @Option(
        help: ArgumentHelp(
            "The origins whose pages may connect, separated by commas; any unless given.", valueName: "origins"))
    var wsAllowedOrigins: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long the application may take to accept a connection. [default: 60]", valueName: "seconds"))
    var wsOpenTimeout: String?

    @Option(help: ArgumentHelp("How long the closing handshake may take. [default: 10]", valueName: "seconds"))
    var wsCloseTimeout: String?
}
