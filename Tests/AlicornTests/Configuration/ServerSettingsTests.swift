// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import ArgumentParser
import Foundation
import Testing

@Suite("Settings of the server")
struct ServerSettingsTests {
    // MARK: - Each place

    @Test("the command line sets each option")
    func commandLine() async throws {
        // Parsing takes long without optimisation, so that many go together.
        let together = OptionSample.all.filter { !OptionSample.alone.contains($0.name) }
        let alone = OptionSample.all.filter { OptionSample.alone.contains($0.name) }
        for samples in [together] + alone.map({ [$0] }) {
            await Task.yield()
            let settings = try ServeOptions.parse(samples.flatMap(\.arguments)).settings(environment: [:])
            for sample in samples {
                #expect(sample.isSet(settings), "\(sample.name)")
                #expect(!sample.isSet(ServerSettings()), "\(sample.name)")
            }
        }
    }

    @Test(
        "variables set each option (U-C-02)", arguments: OptionSample.all, ["ALICORN_", "UVICORN_"])
    func environment(sample: OptionSample, prefix: String) throws {
        let settings = try ServerSettings(environment: [sample.variable(prefix): sample.value])
        #expect(sample.isSet(settings))
    }

    @Test("a configuration file sets each option, with dashes or underscores", arguments: OptionSample.all, ["-", "_"])
    func file(sample: OptionSample, separator: String) throws {
        let key = sample.name.replacing("-", with: separator)
        for (contents, format) in [
            ("\(key): '\(sample.value)'\n", "yaml"), (#"{"\#(key)": "\#(sample.value)"}"#, "json"),
        ] {
            let file = try TemporaryFile(contents, format: format)
            let settings = try ServerSettings(commandLine: ["config": [file.path]], environment: [:])
            #expect(sample.isSet(settings), "\(format)")
        }
    }

    @Test("the application is found on the command line, in both variables and in the file")
    func application() throws {
        let file = try TemporaryFile("app: d:app", format: "yml")
        var environment = ["UVICORN_APP": "c:app", "ALICORN_APP": "b:app"]
        let options = try ServeOptions.parse(["--config", file.path])
        #expect(try options.settings(application: "a:app", environment: environment).application.path == "a:app")
        #expect(try options.settings(environment: environment).application.path == "b:app")
        environment["ALICORN_APP"] = nil
        #expect(try options.settings(environment: environment).application.path == "c:app")
        #expect(try options.settings(environment: [:]).application.requiredPath == "d:app")
        #expect(throws: InvalidSettings.self) { try ServerSettings().application.requiredPath }
    }

    // MARK: - Precedence

    @Test("the command line counts most, then ALICORN_, UVICORN_, the file and the default (P-01)")
    func precedence() throws {
        let file = try TemporaryFile(#"{"workers": 5, "host": "f"}"#, format: "json")
        var environment = [
            "ALICORN_CONFIG": file.path, "ALICORN_WORKERS": "3", "UVICORN_WORKERS": "4", "WEB_CONCURRENCY": "6",
        ]
        func workers() throws -> Int { try ServerSettings(environment: environment).processes.workers }
        let options = try ServeOptions.parse(["--workers", "2"])
        #expect(try options.settings(environment: environment).processes.workers == 2)
        #expect(try workers() == 3)
        environment["ALICORN_WORKERS"] = ""
        #expect(try workers() == 4)
        environment["UVICORN_WORKERS"] = nil
        #expect(try workers() == 5)
        environment["ALICORN_CONFIG"] = nil
        #expect(try workers() == 6)
        environment["WEB_CONCURRENCY"] = nil
        #expect(try workers() == 1)
    }

    @Test("FORWARDED_ALLOW_IPS counts when the option is given nowhere (U-C-03)")
    func forwardedAllowIPs() throws {
        var environment = ["FORWARDED_ALLOW_IPS": "10.0.0.1,10.0.0.2"]
        #expect(try ServerSettings(environment: environment).proxies.allowedAddresses == ["10.0.0.1", "10.0.0.2"])
        environment["UVICORN_FORWARDED_ALLOW_IPS"] = "*"
        #expect(try ServerSettings(environment: environment).proxies.allowedAddresses == ["*"])
    }

    // MARK: - Flags, lists and numbers in variables

    @Test("flags take click's words (U-C-02)")
    func booleanWords() throws {
        for word in ["1", "true", "t", "YES", "y", " on "] {
            #expect(try ServerSettings(environment: ["UVICORN_FACTORY": word]).python.isFactory)
        }
        for word in ["0", "False", "f", "no", "n", "off"] {
            #expect(try !ServerSettings(environment: ["UVICORN_ACCESS_LOG": word]).logging.access)
        }
    }

    @Test("the last of a flag and its opposite counts, and the last of an option that is repeated")
    func lastCounts() throws {
        let options = try ServeOptions.parse(["--access-log", "--no-access-log", "--port", "1", "--port", "2"])
        let settings = try options.settings(environment: [:])
        #expect(!settings.logging.access)
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 2)])
    }

    @Test("lists are separated by white space, paths by colons, and may be named as click names them (U-C-02)")
    func lists() throws {
        let settings = try ServerSettings(environment: [
            "UVICORN_HEADERS": "X-A:b  X-C:d", "UVICORN_RELOAD_DIRS": "/tmp:/", "UVICORN_RELOAD_INCLUDES": "*.a *.b",
            "ALICORN_RELOAD_EXCLUDES": "*.c", "ALICORN_BIND": "127.0.0.1:1 unix:/a", "UVICORN_RELOAD": "1",
        ])
        #expect(settings.http.fields.map(\.name) == ["X-A", "X-C"])
        #expect(settings.reloading.directories == ["/tmp", "/"])
        #expect(settings.reloading.includes == ["*.a", "*.b"])
        #expect(settings.reloading.excludes == ["*.c"])
        #expect(settings.listening.addresses == [.tcp(host: "127.0.0.1", port: 1), .unix(path: "/a")])
        #expect(settings.reloading.isOn)
    }

    @Test("lists are repeated on the command line")
    func repeated() throws {
        let options = try ServeOptions.parse([
            "--header", "X-A: b c", "--header", "X-D:", "--ws-allowed-origins", "http://a,http://b",
            "--ws-allowed-origins", "http://c",
        ])
        let settings = try options.settings(environment: [:])
        #expect(settings.http.fields.map(\.value) == ["b c", ""])
        #expect(settings.webSocket.allowedOrigins?.count == 3)
    }

    @Test("an empty list of origins allows none, rather than any")
    func noOrigins() throws {
        let settings = try ServerSettings(commandLine: ["ws-allowed-origins": [""]], environment: [:])
        #expect(settings.webSocket.allowedOrigins == [])
    }
}
