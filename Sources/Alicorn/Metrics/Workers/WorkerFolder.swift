// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A folder that is its user's alone, in which workers find the sockets of the others, each by its number (decision 0014).
struct WorkerFolder: Sendable {
    /// Where a supervisor leaves the path for its workers, in their environment.
    static let variable = "ALICORN_WORKER_FOLDER"

    let path: String

    /// Makes one.
    init() throws(SystemFailure) {
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-XXXXXX").path
        var template = Array(temporary.utf8CString)
        // SAFETY: the template ends with a zero, and mkdtemp(3) changes it in place, in no greater length.
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw SystemFailure("mkdtemp") }
        path = made
    }

    private init(path: String) { self.path = path }

    /// The one that a supervisor has left; `nil` where there is none. Call it once, before there are other threads: it takes
    /// the variable out of the environment.
    static func inherited() -> Self? {
        guard let value = getenv(variable) else { return nil }
        // SAFETY: what getenv(3) found ends with a zero and stands until the variable is taken out, below.
        let path = String(cString: value)
        unsetenv(variable)
        return Self(path: path)
    }

    /// Removes it with all that is in it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Listens for the others. Who had the number before is not asked any more, though it may yet have connections.
    func listen(as number: Int) throws -> ListeningSocket {
        let own = "\(path)/\(getpid())"
        let socket = try ListeningSocket(.unix(path: own, permissions: 0o600), backlog: 64)
        guard rename(own, socketPath(of: number)) == 0 else {
            let failure = SystemFailure("rename")
            socket.close()
            throw failure
        }
        return socket
    }

    /// The sockets of the others, some of which may be gone.
    func siblings(of number: Int) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let numbers = names.compactMap { $0.hasPrefix(Self.prefix) ? Int($0.dropFirst(Self.prefix.count)) : nil }
        return numbers.filter { $0 != number }.sorted().map(socketPath)
    }

    private static let prefix = "worker-"

    private func socketPath(of number: Int) -> String { "\(path)/\(Self.prefix)\(number)" }
}
