// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser
import Testing

@Suite("Ends of commands (P-04)")
struct CommandEndTests {
    /// Few of the options: all of them take long to parse without optimisation.
    struct Options: ParsableArguments {
        @Option var port: String?
        @Flag var reload = false
    }

    struct Serve: ParsableCommand {
        @OptionGroup var options: Options
        @Argument var app: String?

        func run() {}
    }

    struct Demo: ParsableCommand {
        func run() {}
    }

    struct Program: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "program", version: "1.2.3", subcommands: [Serve.self, Demo.self],
            defaultSubcommand: Serve.self)
    }

    private func end(_ arguments: String...) -> CommandEnd? {
        do {
            // A request for help is a command that throws it.
            var command = try Program.parseAsRoot(arguments)
            try command.run()
            return nil
        } catch {
            return CommandEnd(error, of: Program.self)
        }
    }

    @Test("help and version are 0, and go to standard output (U-C-06)")
    func success() throws {
        let version = try #require(end("--version"))
        #expect(version.status == 0 && version.output == "1.2.3\n" && version.complaint.isEmpty)
        let help = try #require(end("serve", "--help"))
        #expect(help.status == 0 && help.output.contains("--port <port>") && help.complaint.isEmpty)
    }

    @Test("usage errors are 2, and go to standard error (U-C-05, U-XC-08)")
    func usage() throws {
        for end in [
            end("--nope", "a:b"), end("serve", "--nope"), end("--port"), end("a:b", "c:d"), end("--reload=x", "a:b"),
        ] {
            let end = try #require(end)
            #expect(end.status == 2 && end.output.isEmpty)
            #expect(end.complaint.hasPrefix("Error: "))
        }
    }

    @Test("invalid settings are 2, each on a line of its own")
    func settings() throws {
        let error = try #require(throws: InvalidSettings.self) {
            try ServerSettings(commandLine: ["port": ["x"], "fd": ["y"]], environment: [:])
        }
        let end = CommandEnd(error, of: Program.self)
        #expect(end.status == 2 && end.output.isEmpty)
        #expect(
            end.complaint == """
                Error: --port is "x", but must be a number from 0 to 65535
                Error: --fd is "y", but must be a number from 0 to 2147483647

                """)
    }

    @Test("a command's own status is kept, and other errors are 1")
    func others() {
        struct Failure: Error, CustomStringConvertible { let description = "it broke" }
        #expect(CommandEnd(ExitCode(3), of: Program.self).status == 3)
        #expect(CommandEnd(ExitCode(64), of: Program.self).status == 64)
        #expect(CommandEnd(ExitCode(3), of: Program.self).complaint.isEmpty)
        let refused = CommandEnd(ValidationError("no"), of: Program.self)
        #expect(refused.status == 2 && refused.complaint == "Error: no\n")
        let failure = CommandEnd(Failure(), of: Program.self)
        #expect(failure.status == 1 && failure.complaint == "Error: it broke\n")
    }

    @Test(
        "options before or behind the application, with or without the subcommand's name, mean the same",
        arguments: [
            ["a:b", "--port", "80"], ["--port", "80", "a:b"], ["serve", "--port", "80", "a:b"],
            ["serve", "a:b", "--port=80"],
        ])
    func defaultSubcommand(arguments: [String]) throws {
        let serve = try #require(try Program.parseAsRoot(arguments) as? Serve)
        #expect(serve.app == "a:b" && serve.options.port == "80")
        #expect(try Program.parseAsRoot(["demo"]) is Demo)
    }
}
