// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("Addresses to listen on")
struct ListeningSettingsTests {
    static let addresses: [(String, ServerSettings.Address?)] = [
        ("127.0.0.1:8000", .tcp(host: "127.0.0.1", port: 8000)),
        ("localhost:0", .tcp(host: "localhost", port: 0)),
        ("[::1]:8000", .tcp(host: "::1", port: 8000)),
        ("[::]:65535", .tcp(host: "::", port: 65535)),
        ("unix:/run/a.sock", .unix(path: "/run/a.sock")),
        ("unix:relative", .unix(path: "relative")),
        ("fd:3", .descriptor(3)),
        ("", nil), (":", nil), (":8000", nil), ("host", nil), ("host:", nil), ("host:65536", nil), ("host:-1", nil),
        ("::1:8000", nil), ("[::1]", nil), ("[]:1", nil), ("[a:1", nil), ("a b:1", nil), ("unix:", nil), ("fd:", nil),
        ("fd:-1", nil), ("fd:x", nil), ("fd:4294967299", nil),
    ]

    @Test("are read, and written as they are read", arguments: addresses)
    func address(text: String, address: ServerSettings.Address?) {
        #expect(ServerSettings.Address(text) == address)
        if let address { #expect(address.description == text) }
    }

    @Test("host and port make one address (U-C-07, U-C-08)")
    func hostAndPort() throws {
        let settings = try ServerSettings(commandLine: ["host": ["::1"], "port": ["0"]], environment: [:])
        #expect(settings.listening.addresses == [.tcp(host: "::1", port: 0)])
    }

    @Test("a socket counts more than host and port in the same place, as for uvicorn", arguments: ["uds", "fd"])
    func socketAndHost(name: String) throws {
        let given = ["host": ["0.0.0.0"], "port": ["80"], name: ["3"]]
        let settings = try ServerSettings(commandLine: given, environment: [:])
        #expect(settings.listening.addresses == [name == "fd" ? .descriptor(3) : .unix(path: "3")])
    }

    @Test("those from the place that counts more win")
    func places() throws {
        let environment = ["ALICORN_BIND": "a:1 b:2", "UVICORN_UDS": "/a", "UVICORN_FD": "4"]
        var settings = try ServerSettings(environment: environment)
        #expect(settings.listening.addresses == [.tcp(host: "a", port: 1), .tcp(host: "b", port: 2)])
        settings = try ServerSettings(commandLine: ["port": ["9"]], environment: environment)
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 9)])
    }

    @Test(
        "two ways in the same place exclude each other",
        arguments: [
            (["uds", "fd"], "--uds and --fd"), (["bind", "uds"], "--uds and --bind"),
            (["bind", "port"], "--port and --bind"),
            (["host", "uds", "fd"], "--uds and --fd"),
        ])
    func contradictions(names: [String], beginning: String) {
        let values = ["uds": "/a", "fd": "3", "bind": "a:1", "port": "1", "host": "a"]
        let given = Dictionary(uniqueKeysWithValues: names.map { ($0, [values[$0] ?? ""]) })
        let error = #expect(throws: InvalidSettings.self) { try ServerSettings(commandLine: given, environment: [:]) }
        #expect(
            error?.description
                == "\(beginning) exclude each other: give one of them, or --bind for each address")
    }
}
