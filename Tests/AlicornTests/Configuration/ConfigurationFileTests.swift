// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import Testing

@Suite("Configuration files")
struct ConfigurationFileTests {
    @Test("hold booleans, numbers, texts and lists of them, in JSON")
    func json() throws {
        let settings = try read(
            """
            {"access-log": false, "ws-per-message-deflate": false, "timeout-keep-alive": 7.5, "port": 81,
             "header": ["X-A: b", "X-C:d"], "forwarded-allow-ips": "10.0.0.1,::1", "ws_allowed_origins": ["https://a.example"],
             "reload-dir": "/tmp", "uds-permissions": 660}
            """, "json")
        #expect(!settings.logging.access && !settings.webSocket.compresses)
        #expect(settings.timeouts.keepAlive == .milliseconds(7500))
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 81)])
        #expect(settings.http.fields.map(\.value) == ["b", "d"])
        #expect(settings.proxies.allowedAddresses == ["10.0.0.1", "::1"])
        #expect(settings.webSocket.allowedOrigins?.count == 1)
        #expect(settings.reloading.directories == ["/tmp"])
        #expect(settings.listening.socketPermissions == 0o660)
    }

    @Test("hold the same in YAML")
    func yaml() throws {
        let settings = try read(
            """
            # The server.
            access-log: no
            timeout-keep-alive: 7.5
            port: 81
            header:
              - "X-A: b"
              - X-C:d
            bind: [] # None is as good as not told.
            ssl-keyfile-password: 12345
            uds_permissions: 0o660
            """, "yaml")
        #expect(!settings.logging.access)
        #expect(settings.timeouts.keepAlive == .milliseconds(7500))
        #expect(settings.http.fields.map(\.value) == ["b", "d"])
        #expect(settings.tls.keyPassword == "12345")
        #expect(settings.listening.socketPermissions == 0o660)
    }

    static let wrong: [(String, String, String)] = [
        (#"{"port": true}"#, "json", "port in FILE is true, but must be a number from 0 to 65535"),
        (#"{"port": [1]}"#, "json", "port in FILE is a list, but must be a number from 0 to 65535"),
        (#"{"port": null}"#, "json", "port in FILE is null, but must be a number from 0 to 65535"),
        (#"{"port": 1.5}"#, "json", "port in FILE is the number 1.5, but must be a number from 0 to 65535"),
        (#"{"uds": 5}"#, "json", "uds in FILE is a number, but must be a path"),
        (
            #"{"root-path": false}"#, "json",
            "root-path in FILE is a boolean, but must be a text of printable ASCII characters"
        ),
        (
            #"{"header": ["X-A:b", 3]}"#, "json",
            "header in FILE is a number, but must be a header as Name:Value, of characters that may stand in one"
        ),
        (
            #"{"access-log": 2}"#, "json",
            "access-log in FILE is the number 2, but must be a boolean: 1, true, t, yes, y or on, or 0, false, f, no, n or off"
        ),
        (
            "ws-max-size: [1]", "yaml",
            "ws-max-size in FILE is a list, but must be a number of bytes, at least 1, or none"
        ),
        ("port: x", "yml", "port in FILE is \"x\", but must be a number from 0 to 65535"),
        (
            "ws-maxsize: 1", "yaml",
            "the configuration file FILE has the key \"ws-maxsize\", but there is no such option: the help of the command lists all"
        ),
        (
            "config: a.json", "yaml",
            "the configuration file FILE has the key \"config\", but there is no such option: the help of the command lists all"
        ),
        (
            "ws:\n  max-size: 1", "yaml",
            "the configuration file FILE has the key \"ws.max-size\", but there is no such option: the help of the command lists all"
        ),
        (
            #"{"ws": {"max-size": 1}}"#, "json",
            "the configuration file FILE cannot be read: the key \"ws\" holds keys of its own"
        ),
        (
            "ws-max-size: 1\nws_max_size: 2", "yaml",
            "the configuration file FILE has the key ws-max-size twice: leave one"
        ),
        ("[]", "json", "the configuration file FILE cannot be read: it holds no JSON object"),
    ]

    @Test("that are wrong are named with the file, the key, what came and what is expected", arguments: wrong)
    func sentences(contents: String, format: String, sentence: String) throws {
        let file = try TemporaryFile(contents, format: format)
        let error = #expect(throws: InvalidSettings.self) {
            try ServerSettings(commandLine: ["config": [file.path]], environment: [:])
        }
        #expect(error?.problems.map { $0.replacing("\"\(file.path)\"", with: "FILE") } == [sentence])
    }

    @Test(
        "that cannot be parsed are named with the reason",
        arguments: [("{\"port\":", "json"), ("a: [", "yaml"), ("", "yaml")])
    func syntax(contents: String, format: String) throws {
        let file = try TemporaryFile(contents, format: format)
        let error = #expect(throws: InvalidSettings.self) {
            try ServerSettings(commandLine: ["config": [file.path]], environment: [:])
        }
        #expect(error?.problems.count == 1)
        #expect(error?.description.hasPrefix("the configuration file \"\(file.path)\" cannot be read: ") == true)
    }

    @Test("that are not there, have no known format or are too long are refused")
    func unreadable() throws {
        let long = try TemporaryFile(String(repeating: "#\n", count: 1 << 20), format: "yaml")
        for (path, reason) in [
            ("/does/not/exist.json", "cannot be read: there is no such file, or it may not be opened"),
            ("/etc/alicorn.toml", "has no known format: its name must end in .json, .yaml or .yml"),
            (long.path, "cannot be read: it is longer than 1048576 bytes"),
        ] {
            let error = #expect(throws: InvalidSettings.self) {
                try ServerSettings(environment: ["ALICORN_CONFIG": path])
            }
            #expect(error?.description == "the configuration file \"\(path)\" \(reason)")
        }
    }

    private func read(_ contents: String, _ format: String) throws -> ServerSettings {
        let file = try TemporaryFile(contents, format: format)
        return try ServerSettings(commandLine: ["config": [file.path]], environment: [:])
    }
}
