// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Opening handshake and frames.
extension ScriptedPeer {
    /// Connects to a server and opens a WebSocket connection.
    ///
    /// - Parameters:
    ///   - target: path and query.
    ///   - fields: more lines of the request, such as `Sec-WebSocket-Extensions: permessage-deflate`.
    ///   - receiveBuffer: how much the kernel keeps for a peer that does not read, in bytes; `nil` for its default.
    ///   - patience: how long sending and receiving wait for the other side before they throw.
    /// - Throws: ``Refusal`` when the server answers otherwise than with 101.
    public static func open(
        port: Int, target: String = "/", fields: [String] = [], receiveBuffer: Int? = nil,
        patience: Duration = .seconds(10)
    ) async throws -> ScriptedPeer {
        let peer = try await connect(port: port, receiveBuffer: receiveBuffer, patience: patience)
        try await peer.send(openingRequest(target: target, fields: fields))
        let head = try await peer.receiveHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw Refusal(head: head) }
        return peer
    }

    /// The request of ``open(port:target:fields:receiveBuffer:patience:)``: to change some of it, or to send a part.
    public static func openingRequest(target: String = "/", fields: [String] = []) -> String {
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + fields
        return lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// A server's answer that is not 101.
    public struct Refusal: Error, CustomStringConvertible {
        /// The answer's head.
        public let head: String
        /// The answer's first line, in a sentence.
        public var description: String {
            "the server did not open the connection, it answered \(head.prefix { $0 != "\r\n" })"
        }
    }

    /// Sends a frame.
    public func send(_ frame: ScriptedFrame) async throws { try await send(frame.bytes(from: role)) }

    /// Sends frames at once: they arrive together as far as TCP does that.
    public func send(_ frames: [ScriptedFrame]) async throws {
        try await send(frames.flatMap { $0.bytes(from: role) })
    }

    /// Waits for the next frame, whatever it is: pings come like everything else, and nobody answers them.
    ///
    /// - Returns: `nil` when the other side has ended its direction.
    public func receiveFrame() async throws -> ScriptedFrame? {
        let start = try await receive(2)
        guard start.count == 2 else { return nil }
        let lengthSize = [126: 2, 127: 8][start[1] & 0x7F] ?? 0
        let isMasked = start[1] & 0x80 != 0
        let rest = try await receive(lengthSize + (isMasked ? 4 : 0))
        let length = lengthSize == 0 ? Int(start[1] & 0x7F) : rest.prefix(lengthSize).reduce(0) { $0 << 8 | Int($1) }
        var payload = try await receive(length)
        guard payload.count == length else { return nil }
        if isMasked {
            for index in payload.indices { payload[index] ^= rest[lengthSize + index % 4] }
        }
        var frame = ScriptedFrame(Opcode(rawValue: start[0]), payload, isFinal: start[0] & 0x80 != 0)
        frame.reservedBits = start[0] >> 4 & 0b111
        if isMasked != (role == .server) { frame.masking = isMasked ? .masked : .unmasked }
        return frame
    }

    /// Receives frames until the other side ends its direction.
    public func receiveAllFrames() async throws -> [ScriptedFrame] {
        var frames: [ScriptedFrame] = []
        while let frame = try await receiveFrame() { frames.append(frame) }
        return frames
    }
}
