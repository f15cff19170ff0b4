// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import ArgumentParser

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension Alicorn {
    /// Makes a program of an application: with the command line, the environment and the exit statuses of `alicorn`.
    ///
    ///     try await Alicorn.main(MyApplication())
    ///
    /// It does not return.
    public static func main(_ application: any Application) async throws -> Never {
        do {
            let command = try ApplicationCommand.parse()
            exit(await serve(application, try command.options.settings()))
        } catch {
            CommandEnd(error, of: ApplicationCommand.self).exit()
        }
    }

    /// Serves until a signal ends it, in as many processes as the settings say. Call it before there are other threads.
    ///
    /// - Returns: the status to exit with (U-XC): 0 after SIGINT or at the limit on requests, 3 when it did not start. After
    ///   SIGTERM a process without a supervisor does not return, but ends by that signal.
    package static func serve(_ application: any Application, _ settings: ServerSettings) async -> Int32 {
        // Who does not read the log any more does not end the server.
        signal(SIGPIPE, SIG_IGN)
        return await ServingProcess(application, settings).run()
    }

    /// Writes an error to the log that the settings ask for.
    package static func complain(_ sentence: String, _ settings: ServerSettings) {
        ConsoleLog(settings.logging, settings.application.compatibility).write(.error, sentence)
    }
}

/// The command line of a program that is an application: the server's options are its own, not a group in it, so that
/// ArgumentParser does not take long over them in a build for debugging.
private struct ApplicationCommand: ParsableCommand, CustomReflectable {
    var options = ServeOptions()
    var customMirror: Mirror { Mirror(reflecting: options) }

    init() {}
    init(from decoder: any Decoder) throws { options = try ServeOptions(from: decoder) }
}
