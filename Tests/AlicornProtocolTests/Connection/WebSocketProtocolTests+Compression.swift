// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

extension WebSocketProtocolTests {
    /// Messages that an extension transforms (RFC 7692 §6), with pairs of count and byte in the place of deflate.
    struct Compression {
        static func compressed(_ opcode: UInt8, _ bytes: [UInt8], fin: Bool = true) -> [UInt8] {
            Wire.frame(opcode, bytes, fin: fin, rsv: 4, from: .client)
        }

        @Test("a compressed message is restored, however it is cut, with what is not compressed around it")
        func restores() {
            let input =
                Wire.text("a", from: .client) + Self.compressed(0x1, Wire.hex("03 62 01 c3 01 a9"))
                + Self.compressed(0x2, Wire.hex("02"), fin: false) + Wire.frame(0x9, from: .client)
                + Wire.frame(0x0, fin: false, from: .client) + Wire.frame(0x0, [0x07], from: .client)
                + Self.compressed(0x2, []) + Wire.text("z", from: .client)
            let seen = outcome(of: input, to: .server, transform: { RunLength() })
            #expect(
                seen.incoming == [.text("a"), .text("bbb\u{E9}"), .ping, .binary([7, 7]), .binary([]), .text("z")])
            #expect(seen.closure == nil)
        }

        @Test("pieces are restored 16 KiB at a time, and the buffer is given back")
        func boundsPieces() {
            let transform = RunLength()
            let server = Endpoint(.server, transform: transform)
            let input = Array(repeating: [255, 7] as [UInt8], count: 1028).flatMap { $0 }
            server.receive(Self.compressed(0x2, input), at: 0)
            #expect(server.incoming == [.binary(Array(repeating: 7, count: 255 * 1028))])
            #expect(transform.greatestCapacity == 16 * 1024)
            #expect(server.restoredCapacity == 0)
            #expect(server.pieces.allSatisfy { $0.location == .restored && $0.announced == 0 })
        }

        @Test("the buffer is given back after a message that filled its last piece exactly")
        func givesBackBuffer() {
            let server = Endpoint(.server, transform: RunLength())
            server.receive(Self.compressed(0x2, Array(repeating: [128, 7], count: 128).flatMap { $0 }), at: 0)
            #expect(server.incoming == [.binary(Array(repeating: 7, count: 16 * 1024))])
            #expect(server.pieces.map(\.endsMessage) == [false, true])
            #expect(server.restoredCapacity == 0)
        }

        @Test("S1: a bomb is stopped at one byte above the limit, with 1009, and its buffer given back")
        func stopsBomb() {
            let transform = RunLength()
            let server = Endpoint(.server, configuration { $0.maximumMessageSize = 1000 }, transform: transform)
            server.receive(Self.compressed(0x2, Array(repeating: 255, count: 2000)), at: 0)
            #expect(server.closure?.cause == .violation(.messageTooBig(size: 1001, limit: 1000)))
            #expect(transform.greatestCapacity == 1001)
            #expect(server.restoredCapacity == 0)
        }

        static let faults: [(String, [UInt8], ProtocolViolation)] = [
            ("no run", compressed(0x2, [0, 1]), .transformFailed(TransformFailure("run of no bytes"))),
            ("half a run", compressed(0x2, [1]), .transformFailed(TransformFailure("half a run"))),
            ("S8: text, restored", compressed(0x1, [3, 0x41, 1, 0xFF]), .invalidText(position: 3)),
            ("S8: half a character", compressed(0x1, [3, 0x41, 1, 0xC3]), .invalidText(position: 4)),
            (
                "RSV1 on a continuation",
                compressed(0x1, [1, 0x41], fin: false) + compressed(0x0, [1, 0x41]), .compressedContinuation
            ),
            ("RSV1 on a ping", Wire.hex("c9 80 00 00 00 00"), .reservedBits(4)),
            ("RSV1 on a close", Wire.hex("c8 80 00 00 00 00"), .reservedBits(4)),
        ]

        @Test("S16: data that cannot be restored, and RSV1 in wrong places, fail the connection", arguments: faults)
        func fails(name: String, input: [UInt8], violation: ProtocolViolation) {
            let seen = outcome(of: input, to: .server, transform: { RunLength() })
            #expect(seen.incoming == [.violation])
            #expect(seen.closure?.cause == .violation(violation))
        }

        @Test("messages are compressed by the threshold, or as they are told")
        func compresses() throws {
            let server = Endpoint(.server, transform: RunLength(threshold: 3))
            try server.send([7, 7])
            try server.send([7, 7, 7])
            try server.connection.send([7, 7].span, as: .binary, compression: .always)
            try server.connection.send([7, 7, 7].span, as: .binary, compression: .never)
            #expect(server.takeOutput().bytes == Wire.hex("82 02 07 07 c2 02 03 07 c2 02 02 07 82 03 07 07 07"))
        }

        @Test("RSV1 is on the first fragment only, and all fragments are compressed or none", arguments: [3, 2])
        func compressesFragments(first: Int) throws {
            let server = Endpoint(.server, transform: RunLength(threshold: 3))
            try server.connection.beginMessage(.binary)
            try server.connection.sendFragment(Array(repeating: 7, count: first).span, endsMessage: false)
            try server.connection.sendFragment([8].span, endsMessage: false)
            try server.connection.sendFragment([9, 9, 9, 9].span, endsMessage: true)
            let expected = first == 3 ? "42 02 03 07 00 02 01 08 80 02 04 09" : "02 02 07 07 00 01 08 80 04 09 09 09 09"
            #expect(server.takeOutput().bytes == Wire.hex(expected))
        }

        @Test("what a client compresses is masked, and restored by the server")
        func roundTrips() throws {
            let client = Endpoint(.client, transform: RunLength())
            let message = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 100) }
            try client.send(message)
            let (bytes, _) = client.takeOutput()
            #expect(bytes.count < 300)
            let server = Endpoint(.server, transform: RunLength())
            server.receive(bytes, at: 0)
            #expect(server.incoming == [.binary(message)])
        }
    }
}
