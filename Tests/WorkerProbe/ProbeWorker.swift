// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTransport
import Foundation
import Synchronization

/// Answers each connection according to the byte that it sends.
final class ProbeWorker: Sendable {
    private let link: WorkerLink
    private let hangs = Atomic<Bool>(false)

    init(_ link: WorkerLink) { self.link = link }

    func run() async {
        let startUp = CommandLine.arguments.last.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        if startUp.hasPrefix("fail") { exit(3) }
        if !startUp.hasPrefix("hang") {
            signal(SIGTERM) { _ in mustStop.store(true, ordering: .relaxed) }
            Thread.detachNewThread { self.accept() }
            await link.serve { await self.isHealthy() }
            exit(0)
        }
        try? await Task.sleep(for: .seconds(600))
    }

    private func isHealthy() async -> Bool {
        if hangs.load(ordering: .relaxed) { try? await Task.sleep(for: .seconds(600)) }
        return true
    }

    private func accept() {
        while true {
            let isLast = mustStop.load(ordering: .relaxed)
            var entries = link.sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&entries, nfds_t(entries.count), isLast ? 0 : 20)
            var hasAccepted = false
            for socket in link.sockets {
                let connection = Foundation.accept(socket.descriptor, nil, nil)
                guard connection >= 0 else { continue }
                hasAccepted = true
                answer(connection)
                close(connection)
            }
            // Nothing waits any more.
            if isLast, !hasAccepted { exit(0) }
        }
    }

    private func answer(_ connection: Int32) {
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var command: UInt8 = 0
        guard recv(connection, &command, 1, 0) == 1 else { return }
        switch command {
        case UInt8(ascii: "h"):
            hangs.store(true, ordering: .relaxed)
            close(connection)
            Thread.sleep(forTimeInterval: 600)
        case UInt8(ascii: "x"): exit(1)
        default:
            let reply = Array("\(getpid()) \(link.number)\n".utf8)
            send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
        }
    }
}

/// SIGTERM has come.
private let mustStop = Atomic<Bool>(false)
