// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The other end of a real TCP connection, that sends exactly what a test tells it: for what a well-behaved peer never
/// does.
///
///     let peer = try await ScriptedPeer.open(port: server.port)
///     try await peer.send(.text("hello"))
///     #expect(try await peer.receiveFrame() == .text("hello"))
///     peer.finishWriting()  // and misbehave: no close frame
///     #expect(try await peer.receiveAllFrames() == [])
///
/// It answers nothing by itself, neither pings nor close frames. Its calls block a thread of its own, never one of the
/// tasks'. None waits longer than ten seconds, unless told otherwise. Letting it go closes TCP. To play a server, see ``ScriptedListener``.
public final class ScriptedPeer: Sendable {
    /// What a system call had against it.
    public struct Failure: Error, CustomStringConvertible {
        /// The system call.
        public let call: String
        /// Its `errno`.
        public let number: Int32
        /// Whether nothing happened for as long as the peer waits.
        public var isTimeout: Bool { number == EAGAIN }
        /// Call and reason.
        public var description: String {
            "\(call): \(isTimeout ? "nothing happened in time" : String(cString: strerror(number)))"
        }

        init(_ call: String, number: Int32 = errno) {
            self.call = call
            self.number = number
        }
    }

    /// Which end it plays.
    public let role: Role
    private let socket: LoopbackSocket
    private let queue = DispatchQueue(label: "alicorn.scripted-peer")

    init(_ socket: LoopbackSocket, role: Role) {
        self.socket = socket
        self.role = role
    }

    /// Connects to a port of this machine, and sends nothing.
    ///
    /// - Parameters:
    ///   - receiveBuffer: how much the kernel keeps for a peer that does not read, in bytes; `nil` for its default.
    ///   - patience: how long sending and receiving wait for the other side before they throw.
    public static func connect(
        port: Int, receiveBuffer: Int? = nil, patience: Duration = .seconds(10)
    ) async throws -> ScriptedPeer {
        let socket = try LoopbackSocket()
        socket.setPatience(patience)
        if let receiveBuffer { socket.setReceiveBuffer(receiveBuffer) }
        let peer = ScriptedPeer(socket, role: .client)
        try await peer.queue.running { try socket.connect(port: port) }
        return peer
    }

    /// The port of this end, by which a server's log names it.
    package var localPort: Int { socket.port }

    /// Sends all of it.
    public func send(_ bytes: [UInt8]) async throws { try await queue.running { [socket] in try socket.send(bytes) } }

    /// Sends text.
    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Receives until `isEnough`, or the other side's end.
    public func receive(until isEnough: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        try await queue.running { [socket] in
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 64 * 1024)
            while !isEnough(bytes) {
                let count = try socket.receive(into: &piece)
                guard count > 0 else { break }
                bytes += piece[..<count]
            }
            return bytes
        }
    }

    /// Receives the head of a request or response, and no byte behind it.
    public func receiveHead() async throws -> String {
        try await queue.running { [socket] in
            var bytes: [UInt8] = []
            var byte: [UInt8] = [0]
            while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]), try socket.receive(into: &byte) > 0 {
                bytes += byte
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Receives that many bytes, or fewer if the other side ends before.
    public func receive(_ count: Int) async throws -> [UInt8] {
        guard count > 0 else { return [] }
        return try await queue.running { [socket] in
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let read = try socket.receive(into: &bytes, from: filled)
                guard read > 0 else { break }
                filled += read
            }
            return Array(bytes[..<filled])
        }
    }

    /// Receives until the other side ends.
    public func receiveAll() async throws -> [UInt8] { try await receive { _ in false } }

    /// Receives, and drops, until the other side has ended the connection, in whatever way.
    public func receiveEnd() async throws {
        do { _ = try await receiveAll() } catch let failure as Failure where !failure.isTimeout {}
    }

    /// Ends this side's direction, and goes on receiving.
    public func finishWriting() { socket.finishWriting() }

    /// Cuts the connection with a reset, as a crash does, when the peer is let go.
    public func resetWhenReleased() { socket.resetWhenClosed() }
}

extension DispatchQueue {
    /// Runs what blocks on the queue's thread.
    func running<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
