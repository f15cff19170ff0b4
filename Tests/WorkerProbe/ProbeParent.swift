// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornTransport
import Foundation

/// Supervises or reloads, as the arguments say, and exits.
func runParent(_ arguments: [String]) throws -> Never {
    switch arguments.first {
    case "supervise" where arguments.count >= 5:
        let sockets = try listen(arguments[4], workers: Int(arguments[1]) ?? 1)
        let configuration = SupervisorConfiguration(
            workers: Int(arguments[1]) ?? 1, gracePeriod: .seconds(Int(arguments[3]) ?? 1),
            healthCheckTimeout: .seconds(Int(arguments[2]) ?? 5))
        let supervisor = Supervisor(configuration, sockets: sockets, log: PrintedLog()) { say("ready") }
        exit(try supervisor.run())
    case "reload" where arguments.count >= 4:
        let configuration = ReloadConfiguration(
            directories: [arguments[2]], gracePeriod: .seconds(1),
            build: BuildCommand(program: arguments[3], arguments: []))
        say(configuration.announcement)
        let sockets = try listen(arguments[1], workers: 1)
        exit(try Reloader(configuration, sockets: sockets, log: PrintedLog()).run())
    default:
        say("usage: see main.swift")
        exit(2)
    }
}

private func listen(_ socket: String, workers: Int) throws -> WorkerSockets {
    let address: ListenAddress = Int(socket).map { .tcp(host: "127.0.0.1", port: $0) } ?? .unix(path: socket)
    let sockets = try WorkerSockets([address], workers: workers, backlog: 128)
    say("listening \(sockets.endpoints[0].port ?? 0) \(sockets.areBalanced)")
    return sockets
}

/// Each line on its own, whatever else writes to the same pipe.
private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// A server's log as lines: `INFO: ...`.
private struct PrintedLog: ServerLog {
    var level: ServerLogLevel { .debug }
    var writesAccess: Bool { false }

    func write(_ level: ServerLogLevel, _ message: String) { say("\("\(level)".uppercased()): \(message)") }
    func write(access record: AccessRecord) {}
}
