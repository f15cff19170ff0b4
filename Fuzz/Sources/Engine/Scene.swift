// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import EngineUnderFuzz
import FuzzDriver

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A loop, the peers of its connections, and what the script has them do.
final class Scene {
    private let host: NativeLoop
    private let loop: ConnectionLoop
    private let server: Server
    /// The peers' descriptors; `nil` when closed, or not yet there.
    private var peers = [Int32?](repeating: nil, count: 4)
    private var payload: ArraySlice<UInt8>
    private let opensAtOnce: Bool

    private enum Action: UInt8 {
        case write, finish, leave, readAndLeave, read, poll, join, serve
    }

    static func play(_ input: FuzzInput) {
        weak var host: NativeLoop?
        do {
            let scene = Self(input)
            host = scene.host
            scene.run(input.script)
            scene.end()
        }
        check(host == nil, "the loop is let go")
    }

    private init(_ input: FuzzInput) {
        do { (host, loop) = try NativeLoop.make() } catch { fatalError("\(error)") }
        server = Server(input.options)
        payload = input.payload[...]
        opensAtOnce = input.options.0 & 1 == 0
    }

    /// Two bytes are a step: who does what, and how much of it.
    private func run(_ script: [UInt8]) {
        join(0)
        for start in stride(from: 0, to: script.count - 1, by: 2) {
            let peer = Int(script[start] >> 3 & 3)
            let amount = Int(script[start + 1])
            switch Action(rawValue: script[start] & 7) {
            case .write: write(amount, from: peer)
            case .finish: if let descriptor = peers[peer] { shutdown(descriptor, Int32(SHUT_WR)) }
            case .leave: leave(peer)
            case .readAndLeave:
                read(amount, by: peer)
                leave(peer)
            case .read: read(amount * 64, by: peer)
            case .poll: host.poll()
            case .join: join(peer)
            case .serve: loop.turn { server.act(amount) }
            case nil: break
            }
            server.checkBounds()
        }
        write(payload.count, from: 0)
    }

    /// Everybody leaves, and the server waits for nobody.
    private func end() {
        settle()
        for peer in peers.indices { leave(peer) }
        settle()
        loop.turn { server.cutAll() }
        settle()
        check(server.isEmpty, "no driver is left")
        check(server.areTransportsGone, "no transport is left")
    }

    private func settle() {
        // Every poll reads or writes something; what is on its way is bounded by the script.
        for _ in 0..<20_000 {
            var question = pollfd(fd: host.descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&question, 1, 0) == 1 else { return }
            host.poll()
        }
        check(false, "the loop comes to rest")
    }

    // MARK: - Peers

    private func join(_ peer: Int) {
        guard peers[peer] == nil else { return }
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        check(socketpair(AF_UNIX, type, 0, &ends) == 0, "there are descriptors")
        var least: Int32 = 1
        for end in ends { setsockopt(end, SOL_SOCKET, SO_SNDBUF, &least, socklen_t(MemoryLayout<Int32>.size)) }
        peers[peer] = ends[1]
        NativeConnection.start(
            ends[0], local: .unix(path: nil), remote: .unix(path: nil), host: host, loop: loop
        ) { server.accept($0) }
        if opensAtOnce { send(Array(Self.handshake.utf8), from: peer) }
    }

    private static let handshake =
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    private func leave(_ peer: Int) {
        guard let descriptor = peers[peer] else { return }
        peers[peer] = nil
        close(descriptor)
    }

    private func write(_ amount: Int, from peer: Int) {
        let count = min(amount < 0x80 ? amount + 1 : (amount - 0x7F) * 64, payload.count)
        send(Array(payload.prefix(count)), from: peer)
        payload = payload.dropFirst(count)
    }

    /// What the socket does not take is lost, as with a peer that gives up.
    private func send(_ bytes: [UInt8], from peer: Int) {
        guard let descriptor = peers[peer] else { return }
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private func read(_ amount: Int, by peer: Int) {
        guard let descriptor = peers[peer] else { return }
        var bytes = [UInt8](repeating: 0, count: amount + 1)
        _ = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    }
}

/// How many descriptors this process has, of those with low numbers.
func openDescriptors() -> Int { (0..<256).count { fcntl($0, F_GETFD) != -1 } }
