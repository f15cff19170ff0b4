// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser
import Foundation
import Testing

@Suite("Options of the command line")
struct ServeOptionsTests {
    @Test("are each in the tests' table")
    func complete() {
        let tested = Set(OptionSample.all.map(\.name)).union(OptionSample.others)
        #expect(Set(HelpLine.all.map(\.name)) == tested)
        #expect(HelpLine.all.count == tested.count)
    }

    @Test("have the defaults that their help tells")
    func defaults() throws {
        let told = HelpLine.all.filter { $0.standard != nil }
        #expect(told.count > 50)
        for line in told {
            let given = [line.name: [line.standard ?? ""]]
            var settings = try ServerSettings(commandLine: given, environment: [:])
            settings.python.given = []
            #expect(settings == ServerSettings(), "\(line.name)")
        }
    }

    @Test("are grouped in the help")
    func groups() {
        let help = ServeOptions.helpMessage(columns: 100)
        var rest = help[...]
        for title in [
            "ADDRESS", "APPLICATION", "HTTP", "WEBSOCKET", "LIMITS", "TIMEOUTS", "TLS", "PROXIES", "PROCESSES",
            "LOGGING",
            "METRICS", "PYTHON",
        ] {
            guard let found = rest.range(of: "\n\(title):\n") else {
                Issue.record("\(title) is missing, or elsewhere")
                continue
            }
            rest = rest[found.upperBound...]
        }
    }

    @Test("on nothing at all make the defaults")
    func nothing() throws {
        #expect(try ServeOptions.parse([]).settings(environment: [:]) == ServerSettings())
    }

    @Test("on files are taken when the file exists", arguments: ["env-file", "log-config"])
    func files(name: String) throws {
        let file = try TemporaryFile("", format: "ini")
        let settings = try ServeOptions.parse(["--\(name)", file.path]).settings(environment: [:])
        #expect([settings.python.environmentFile, settings.python.logConfiguration].contains(file.path))
        #expect(settings.python.given == ["--\(name)"])
    }
}
