// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Python``.
struct PythonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory to look for the application in; the current one unless given.", valueName: "path"),
        completion: .directory)
    var appDir: String?

    @Flag(help: "The application's name is that of a function that makes it.")
    var factory = false

    @Option(help: ArgumentHelp("How to call the application. [default: auto]", valueName: "auto|asgi3|asgi2|wsgi"))
    var interface: String?

    @Option(
        help: ArgumentHelp("A file with environment variables for the application.", valueName: "file"),
        completion: .file())
    var envFile: String?

    @Option(
        help: ArgumentHelp("A file that configures Python's logging: .ini, .json or .yaml.", valueName: "file"),
        completion: .file())
    var logConfig: String?

    @Option(
        help: ArgumentHelp(
            "Python's event loop: auto, asyncio, uvloop, zuvloop, none or module:factory. [default: auto]",
            valueName: "loop"))
    var loop: String?

    @Option(
        help: ArgumentHelp(
            "uvicorn's choice of an HTTP parser: auto, h11, httptools or zttp. All mean Alicorn's. [default: auto]",
            valueName: "implementation"))
    var http: String?

    @Flag(help: "uvicorn's switch for HTTP/2.")
    var http2 = false

    @Option(help: ArgumentHelp("uvicorn's limit on the head of a request with h11.", valueName: "bytes"))
    var h11MaxIncompleteEventSize: String?

    @Flag(help: "Run each request in a context of its own.")
    var resetContextvars = false

    @Flag(help: "Cancel an application whose client goes while it works.")
    var cancelOnDisconnect = false
}
