// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTransport
import Foundation
import Testing

#if os(Linux)

@Suite("What workers listen on")
struct WorkerSocketsTests {
    private func connect(_ count: Int, to port: Int) -> [Int32] {
        (0..<count).map { _ in
            let descriptor = socket(AF_INET, streamSocketType, 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let status = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(status == 0)
            return descriptor
        }
    }

    /// How many connections wait at each of the sockets; they are taken.
    private func waiting(_ descriptors: [Int32]) -> [Int] {
        descriptors.map { descriptor in
            var count = 0
            while true {
                let accepted = accept(descriptor, nil, nil)
                if accepted < 0 { return count }
                close(accepted)
                count += 1
            }
        }
    }

    @Test(
        "each worker has a socket of its own on the port that the system picked, and connections go where they are sent"
    )
    func steering() throws {
        let sockets = try WorkerSockets([.tcp(host: "127.0.0.1", port: 0)], workers: 3, backlog: 128)
        defer { sockets.close() }
        #expect(sockets.areBalanced)
        let port = try #require(sockets.endpoints[0].port)
        var own = try (0..<3).flatMap { try sockets.descriptors(for: $0) }
        #expect(Set(own).count == 3)
        var clients = connect(60, to: port)
        #expect(waiting(own).allSatisfy { $0 > 0 })

        sockets.steer(to: [0, 2])
        clients += connect(60, to: port)
        var counts = waiting(own)
        #expect(counts[1] == 0 && counts[0] > 0 && counts[2] > 0)

        // One more, and the last two less.
        own += try sockets.descriptors(for: 3)
        sockets.steer(to: [3])
        clients += connect(20, to: port)
        #expect(waiting(own) == [0, 0, 0, 20])
        sockets.steer(to: [1])
        sockets.close(from: 2)
        clients += connect(20, to: port)
        counts = waiting(Array(own.prefix(2)))
        #expect(counts == [0, 20])
        for client in clients { close(client) }
    }

    @Test("one worker alone may get others later")
    func growing() throws {
        let sockets = try WorkerSockets([.tcp(host: "127.0.0.1", port: 0)], workers: 1, backlog: 128)
        defer { sockets.close() }
        let own = try sockets.descriptors(for: 0) + sockets.descriptors(for: 1)
        sockets.steer(to: [1])
        let clients = connect(10, to: try #require(sockets.endpoints[0].port))
        #expect(waiting(own) == [0, 10])
        for client in clients { close(client) }
    }

    @Test("several addresses give each worker several sockets; Unix sockets and inherited ones are for all")
    func several() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sockets-\(UUID().uuidString)").path
        let inherited = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { inherited.close() }
        let sockets = try WorkerSockets(
            [.tcp(host: "127.0.0.1", port: 0), .unix(path: path), .descriptor(inherited.descriptor)], workers: 2,
            backlog: 128)
        let (first, second) = (try sockets.descriptors(for: 0), try sockets.descriptors(for: 1))
        #expect(first.count == 3 && second.count == 3)
        #expect(first[0] != second[0])
        #expect(first[1...] == second[1...])
        #expect(sockets.endpoints[1] == .unix(path: path))
        sockets.close()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("each of them keeps as many connections as it was told until they are accepted (U-C-40)")
    func backlog() throws {
        let inherited = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        defer { inherited.close() }
        let sockets = try WorkerSockets(
            [.tcp(host: "127.0.0.1", port: 0), .descriptor(inherited.descriptor)], workers: 2, backlog: 7)
        defer { sockets.close() }
        for number in 0..<3 {
            #expect(try sockets.descriptors(for: number).map(backlogOfKernel) == [7, 7])
        }
    }

    @Test("an address that cannot be had is named, and nothing stays open")
    func failure() throws {
        let taken = try WorkerSockets([.tcp(host: "127.0.0.1", port: 0)], workers: 2, backlog: 128)
        defer { taken.close() }
        let port = try #require(taken.endpoints[0].port)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sockets-\(UUID().uuidString)").path
        let failure = #expect(throws: WorkerSockets.Failure.self) {
            try WorkerSockets([.unix(path: path), .tcp(host: "127.0.0.1", port: port)], workers: 2, backlog: 128)
        }
        #expect(
            failure.map { "\($0)" }
                == "cannot listen on 127.0.0.1, port \(port): Address already in use (bind)")
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

#endif
