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
            let settings = try command.options.settings()
            exit(await serve(application, settings))
        } catch {
            CommandEnd(error, of: ApplicationCommand.self).exit()
        }
    }

    /// Serves until a signal ends it (U-SG).
    ///
    /// - Returns: the status to exit with (U-XC): 0 after SIGINT or at the limit on requests, 3 when it did not start. After
    ///   SIGTERM it does not return, but ends by that signal.
    package static func serve(_ application: any Application, _ settings: ServerSettings) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let log = ConsoleLog(settings.logging, settings.application.compatibility)
        for warning in settings.warnings { log.write(.warning, warning) }
        let server = Server(application, settings: settings, log: log, sockets: nil)
        let watch = SignalWatch(SIGINT, SIGTERM)
        let last = Task {
            var last: Int32?
            for await number in watch.signals {
                if last == SIGINT, number == SIGINT { server.forceStop() }
                last = last ?? number
                server.stop()
            }
            return last
        }
        do throws(Server.StartFailure) { try await server.run() } catch { return 3 }
        last.cancel()
        watch.stop()
        if await last.value == SIGTERM { raise(SIGTERM) }
        return 0
    }
}

/// The command line of a program that is an application.
private struct ApplicationCommand: ParsableCommand {
    @OptionGroup var options: ServeOptions
}
