// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// What a client sends, and how it gets to the server: the options of all commands that connect.
struct ClientOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Send this header field with the handshake; repeat it.", valueName: "Name: Value"))
    var header: [String] = []

    @Option(help: ArgumentHelp("Send this Origin, as a browser does.", valueName: "origin"))
    var origin: String?

    @Option(help: ArgumentHelp("Offer this subprotocol, or several separated by commas; repeat it.", valueName: "name"))
    var subprotocol: [String] = []

    @Option(help: ArgumentHelp("Send this User-Agent.", valueName: "text"))
    var userAgent: String?

    @Option(help: ArgumentHelp("Send this cookie; repeat it.", valueName: "name=value"))
    var cookie: [String] = []

    @Option(help: ArgumentHelp("Name and password for HTTP Basic authentication.", valueName: "user:password"))
    var user: String?

    @Option(help: ArgumentHelp("A bearer token; with @ before it, a file that holds it.", valueName: "token"))
    var bearer: String?

    @Option(
        help: ArgumentHelp("Trust the certificates of this PEM file alone; repeat it.", valueName: "file"),
        completion: .file())
    var ca: [String] = []

    @Flag(name: [.customShort("k"), .long], help: "Check no certificate. Anybody on the way can read and change all.")
    var insecure = false

    @Option(help: ArgumentHelp("The client's certificate, in PEM.", valueName: "file"), completion: .file())
    var cert: String?

    @Option(
        help: ArgumentHelp("The key of that certificate, in PEM; the same file unless given.", valueName: "file"),
        completion: .file())
    var key: String?

    @Option(help: ArgumentHelp("The name that the server's certificate has to hold.", valueName: "name"))
    var serverName: String?

    @Option(
        help: ArgumentHelp(
            "Go through this proxy, such as http://proxy:3128 or socks5h://proxy, instead of the environment's.",
            valueName: "address"))
    var proxy: String?

    @Flag(help: "Go through no proxy, whatever the environment says.")
    var noProxy = false

    @Option(help: ArgumentHelp("Connect to this Unix socket.", valueName: "path"), completion: .file())
    var uds: String?

    @Option(help: ArgumentHelp("Connect there, whatever the address says.", valueName: "host:port"))
    var connectTo: String?

    @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Connect over IPv4 alone.")
    var ipv4 = false

    @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Connect over IPv6 alone.")
    var ipv6 = false

    @Flag(help: "Offer no compression.")
    var noDeflate = false

    @Option(help: ArgumentHelp("How long connecting may take, the handshake with it.", valueName: "seconds"))
    var openTimeout = DurationArgument(seconds: 10)

    func validate() throws {
        try refuse(insecure && !ca.isEmpty, "--insecure and --ca exclude each other")
        try refuse(ipv4 && ipv6, "--ipv4 and --ipv6 exclude each other")
        try refuse(noProxy && proxy != nil, "--proxy and --no-proxy exclude each other")
        try refuse(uds != nil && connectTo != nil, "--uds and --connect-to exclude each other")
        try refuse(user != nil && bearer != nil, "--user and --bearer exclude each other")
        try refuse(key != nil && cert == nil, "--key needs --cert")
        try refuse(openTimeout.isZero, "--open-timeout must be more than 0 seconds")
    }

    private func refuse(_ isWrong: Bool, _ sentence: String) throws {
        if isWrong { throw ValidationError(sentence) }
    }
}
