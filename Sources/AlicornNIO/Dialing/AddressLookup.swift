// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The addresses of a host, from the system.
package enum AddressLookup {
    /// A host whose name has no address of the wanted family.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Looks up the addresses of a host, on a thread on which that may block.
    ///
    /// - Returns: at least one, as text.
    /// - Throws: ``Failure``, or `CancellationError` when the task is cancelled before it begins.
    package static func addresses(of host: String, _ family: AddressFamily) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive {
            try blocking(host: host, port: 0, family).compactMap(\.ipAddress)
        }
    }

    static func blocking(host: String, port: Int, _ family: AddressFamily) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = streamSocketType
        hints.ai_family =
            switch family {
            case .any: AF_UNSPEC
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            }
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else {
            throw Failure(description: "the host \(host) is not known (\(String(cString: gai_strerror(status))))")
        }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let info = next?.pointee {
            next = info.ai_next
            guard let address = info.ai_addr else { continue }
            // SAFETY: the family says which form the address has, and the system made it as long as that.
            switch info.ai_family {
            case AF_INET:
                addresses.append(
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) })
            case AF_INET6:
                addresses.append(
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) })
            default: break
            }
        }
        return addresses
    }
}

/// Finds the addresses of one family only (HC-18).
struct FamilyResolver: Resolver, Sendable {
    private let family: AddressFamily
    private let eventLoop: any EventLoop

    init(_ family: AddressFamily, on eventLoop: any EventLoop) {
        self.family = family
        self.eventLoop = eventLoop
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { query(.ipv4, host, port) }
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { query(.ipv6, host, port) }
    func cancelQueries() {}

    private func query(
        _ asked: AddressFamily, _ host: String, _ port: Int
    ) -> EventLoopFuture<[SocketAddress]> {
        guard asked == family else { return eventLoop.makeSucceededFuture([]) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            try AddressLookup.blocking(host: host, port: port, asked)
        }
    }
}
