// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A listening socket that nobody accepts from, and whose queue is full: TCP gets no answer there.
enum FullBacklog {
    struct Failure: Error {
        let call: String
    }

    /// - Parameter body: gets the port.
    static func running<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        func open() throws -> Int32 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw Failure(call: "socket") }
            descriptors.append(descriptor)
            return descriptor
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func withAddress(_ call: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, call) }
        }
        let listener = try open()
        guard withAddress({ bind(listener, $0, length) }) == 0, listen(listener, 0) == 0,
            withAddress({ getsockname(listener, $0, &length) }) == 0
        else { throw Failure(call: "listen") }
        // Linux takes one more than the queue's length.
        for _ in 0..<4 {
            let client = try open()
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            _ = withAddress { connect(client, $0, length) }
        }
        return try await body(Int(UInt16(bigEndian: address.sin_port)))
    }
}
