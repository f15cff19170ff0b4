// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Sockets that systemd has bound for the process, or another supervisor in its manner (sd_listen_fds(3), P-33).
package enum SystemdActivation {
    /// The descriptors from 3 on, as many as `LISTEN_FDS` says, when `LISTEN_PID` is this process.
    package static func descriptors(in environment: [String: String], process: Int32 = getpid()) -> [Int32] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...1024).contains(count)
        else { return [] }
        return Array(3..<3 + count)
    }
}

/// Tells systemd how far the service is, where it asks for that with `NOTIFY_SOCKET` (sd_notify(3)).
package struct SystemdNotifier: Sendable {
    private let path: String

    /// - Returns: `nil` when nobody asks.
    package init?(environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        self.path = path
    }

    /// The service serves, and how it is doing in a sentence.
    package func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

    /// The service ends.
    package func stopping() { send("STOPPING=1") }

    /// Sends a datagram; that nobody takes it changes nothing.
    private func send(_ text: String) {
        #if os(Linux)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // One outside of the file system begins with a zero (unix(7)).
        if path.hasPrefix("@") { name[0] = 0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // SAFETY: the line above leaves room for the name and a zero, which is there already.
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
        let length = socklen_t(offset + name.count)
        let bytes = Array(text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // SAFETY: `length` bytes of the address and `bytes.count` of the text are there.
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
        #endif
    }
}
