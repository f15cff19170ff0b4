// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

extension WebSocketProtocolTests {
    /// RFC 6455 §5; each row also cut at each byte and byte by byte.
    struct Receiving {
        struct Row: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var bytes: [UInt8]
            var role: Role
            var incoming: [Incoming]
        }

        static let examples: [Row] = [
            Row(
                testDescription: "RFC 6455 §5.7: unmasked text", bytes: Wire.hex("81 05 48 65 6c 6c 6f"),
                role: .client, incoming: [.text("Hello")]),
            Row(
                testDescription: "RFC 6455 §5.7: masked text", bytes: Wire.hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
                role: .server, incoming: [.text("Hello")]),
            Row(
                testDescription: "RFC 6455 §5.7: fragmented text", bytes: Wire.hex("01 03 48 65 6c 80 02 6c 6f"),
                role: .client, incoming: [.text("Hello")]),
            Row(
                testDescription: "RFC 6455 §5.7: ping", bytes: Wire.hex("89 05 48 65 6c 6c 6f"), role: .client,
                incoming: [.ping]),
            Row(
                testDescription: "RFC 6455 §5.7: masked pong", bytes: Wire.hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
                role: .server, incoming: [.pong]),
            Row(
                testDescription: "RFC 6455 §5.7: 256 bytes",
                bytes: Wire.hex("82 7e 01 00") + Array(repeating: 7, count: 256), role: .client,
                incoming: [.binary(Array(repeating: 7, count: 256))]),
            Row(
                testDescription: "RFC 6455 §5.7: 64 KiB",
                bytes: Wire.hex("82 7f 00 00 00 00 00 01 00 00") + Array(repeating: 7, count: 65536), role: .client,
                incoming: [.binary(Array(repeating: 7, count: 65536))]),
            Row(
                testDescription: "empty messages", bytes: Wire.hex("81 80 01 02 03 04 82 80 05 06 07 08"),
                role: .server, incoming: [.text(""), .binary([])]),
            Row(
                testDescription: "empty fragments", bytes: Wire.hex("01 00 00 00 00 01 41 00 00 80 00 82 00"),
                role: .client, incoming: [.text("A"), .binary([])]),
            Row(
                testDescription: "RFC 6455 §5.4: control frames between fragments",
                bytes: Wire.frame(0x2, [1, 2], fin: false, from: .client) + Wire.frame(0x9, [3], from: .client)
                    + Wire.frame(0x0, [4], fin: false, from: .client) + Wire.frame(0xA, [], from: .client)
                    + Wire.frame(0x0, [5, 6, 7], from: .client),
                role: .server, incoming: [.ping, .pong, .binary([1, 2, 4, 5, 6, 7])]),
            Row(
                testDescription: "a character cut by a fragment",
                bytes: Wire.frame(0x1, [0x41, 0xF0, 0x9F], fin: false, from: .client)
                    + Wire.frame(0x0, [0xA6], fin: false, from: .client) + Wire.frame(0x0, [0x84], from: .client),
                role: .server, incoming: [.text("A\u{1F984}")]),
        ]

        @Test("what is valid is received, however it is cut", arguments: examples)
        func receives(row: Row) {
            let seen = outcome(of: row.bytes, to: row.role)
            #expect(seen.incoming == row.incoming)
            #expect(seen.closure == nil)
        }

        struct Fault: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var bytes: [UInt8]
            var violation: ProtocolViolation
            var role = Role.server
            var before: [Incoming] = []
        }

        static let faults: [Fault] = [
            Fault(testDescription: "FRM-01", bytes: Wire.hex("83 80"), violation: .reservedOpcode(3)),
            Fault(testDescription: "FRM-02, S5 server", bytes: Wire.hex("81 05"), violation: .unmaskedFrame),
            Fault(
                testDescription: "FRM-02, S5 client", bytes: Wire.hex("81 85"), violation: .maskedFrame, role: .client),
            Fault(testDescription: "FRM-03", bytes: Wire.hex("c1 80"), violation: .reservedBits(4)),
            Fault(testDescription: "FRM-04 length", bytes: Wire.hex("89 fe"), violation: .controlFrameTooLong),
            Fault(testDescription: "FRM-04 FIN", bytes: Wire.hex("09 80"), violation: .fragmentedControlFrame),
            Fault(
                testDescription: "FRM-05 new message",
                bytes: Wire.text("a", fin: false, from: .client) + Wire.text("b", from: .client),
                violation: .expectedContinuation),
            Fault(
                testDescription: "FRM-05 continuation",
                bytes: Wire.text("a", from: .client) + Wire.frame(0x0, [1], from: .client),
                violation: .unexpectedContinuation, before: [.text("a")]),
            Fault(
                testDescription: "FRM-07 minimal", bytes: Wire.hex("82 fe 00 7d 00 00 00 00"),
                violation: .nonMinimalLength),
            Fault(
                testDescription: "FRM-07, S3 top bit", bytes: Wire.hex("82 ff 80 00 00 00 00 00 00 01 00 00 00 00"),
                violation: .lengthTooLarge),
            Fault(
                testDescription: "FRM-08 one byte", bytes: Wire.frame(0x8, [3], from: .client),
                violation: .closeFrameTooShort),
            Fault(
                testDescription: "FRM-08 code", bytes: Wire.close(1006, from: .client),
                violation: .invalidCloseCode(1006)),
            Fault(
                testDescription: "FRM-08 reason", bytes: Wire.frame(0x8, [3, 0xE8, 0xC3], from: .client),
                violation: .invalidCloseReason),
            Fault(
                testDescription: "LIM-02, S3 on the header",
                bytes: Wire.hex("82 ff 7f ff ff ff ff ff ff ff 00 00 00 00"),
                violation: .messageTooBig(size: .max, limit: 1 << 20)),
            Fault(
                testDescription: "S8 text", bytes: Wire.frame(0x1, [0x41, 0xFF, 0x41], from: .client),
                violation: .invalidText(position: 1)),
            Fault(
                testDescription: "S8 text in the second fragment",
                bytes: Wire.frame(0x1, [0x41, 0xC3], fin: false, from: .client)
                    + Wire.frame(0x0, [0x41], from: .client),
                violation: .invalidText(position: 2)),
            Fault(
                testDescription: "S8 half a character at the end", bytes: Wire.frame(0x1, [0x41, 0xC3], from: .client),
                violation: .invalidText(position: 2)),
            Fault(
                testDescription: "S8 half a character before an empty last fragment",
                bytes: Wire.frame(0x1, [0x41, 0xC3], fin: false, from: .client) + Wire.frame(0x0, from: .client),
                violation: .invalidText(position: 2)),
        ]

        @Test("each fault fails the connection with its code, however it is cut", arguments: faults)
        func fails(fault: Fault) {
            let seen = outcome(of: fault.bytes, to: fault.role)
            #expect(seen.incoming == fault.before + [.violation])
            #expect(seen.closure?.cause == .violation(fault.violation))
            #expect(seen.closure?.sent == fault.violation.closeFrame)
            #expect(
                describeFrames(seen.output, from: fault.role).last?
                    .hasPrefix("CLOSE \(fault.violation.closeCode)") == true)
            #expect(seen.end == (fault.role == .server ? .halfClose : .stayOpen))
        }

        @Test(
            "FRM-09: after a fault nothing is read any more, neither data nor a close frame",
            arguments: [Role.client, .server])
        func ignoresAfterFault(role: Role) {
            let input =
                Wire.frame(0x3, from: role.peer) + Wire.text("x", from: role.peer) + Wire.frame(0x9, from: role.peer)
                + Wire.close(1000, from: role.peer)
            let seen = outcome(of: input, to: role)
            #expect(seen.incoming == [.violation])
            #expect(seen.closure?.received == nil)
            #expect(describeFrames(seen.output, from: role).count == 1)
        }

        @Test("FRM-10, S10: after a close frame nothing is read any more", arguments: [Role.client, .server])
        func ignoresAfterClose(role: Role) {
            let input =
                Wire.close(1000, from: role.peer) + Wire.frame(0x9, from: role.peer) + Wire.frame(0x3, from: role.peer)
                + Wire.close(1001, from: role.peer)
            let seen = outcome(of: input, to: role)
            #expect(seen.incoming == [.close])
            #expect(seen.closure?.received == CloseFrame(1000))
            #expect(describeFrames(seen.output, from: role) == ["CLOSE 1000 (OK) [2 bytes]"])
        }

        @Test("pieces are handed up as they come, with what is announced")
        func handsUpPieces() {
            let server = Endpoint(.server)
            let frame = Wire.frame(0x2, Array(0..<10), fin: false, from: .client)
            server.receive(Array(frame.prefix(6)), at: 0)
            #expect(server.pieces.isEmpty)
            server.receive(Array(frame[6..<10]), at: 0)
            server.receive(Array(frame[10...]), at: 0)
            server.receive(Wire.frame(0x0, [9], from: .client), at: 0)
            #expect(server.pieces.map(\.location) == [.input(0..<4), .input(0..<6), .input(6..<7)])
            #expect(server.pieces.map(\.announced) == [6, 0, 0])
            #expect(server.pieces.map(\.startsMessage) == [true, false, false])
            #expect(server.pieces.map(\.endsMessage) == [false, false, true])
            #expect(server.incoming == [.binary([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9])])
        }

        @Test("what is left of the input may be moved elsewhere between two events")
        func continuesInCopy() {
            let endpoint = Endpoint(.server, transform: RunLength())
            var rest =
                Wire.frame(0x2, Array(repeating: 200, count: 400), rsv: 4, from: .client)
                + Wire.text("a", fin: false, from: .client) + Wire.frame(0x9, [1], from: .client)
                + Wire.frame(0x0, [0x62], from: .client)
            endpoint.connection.receive(at: .seconds(0))
            var events = 0
            while endpoint.receiveOne(&rest) { events += 1 }
            #expect(events == 6)
            #expect(
                endpoint.incoming == [.binary(Array(repeating: 200, count: 40_000)), .ping, .text("ab")])
        }

        @Test("S4: without a limit a huge length is only a number")
        func allocatesNothing() {
            let configuration = configuration { $0.maximumMessageSize = nil }
            let client = Endpoint(.client, configuration)
            client.receive(Wire.hex("82 7f 7f ff ff ff ff ff ff ff 01 02"), at: 0)
            #expect(client.pieces.map(\.announced) == [.max - 2])
            #expect(client.isOpen)
        }

        @Test("LIM-01: 4 MiB in fragments of 64 bytes are received where the limit is 4 MiB (Autobahn 9.3.1)")
        func receivesManyFragments() {
            let size = 4 << 20
            let client = Endpoint(.client, configuration { $0.maximumMessageSize = size })
            let part = Array(repeating: UInt8(7), count: 64)
            var input = Wire.frame(0x2, part, fin: false, from: .server)
            for _ in 2..<(size / 64) { input += Wire.frame(0x0, part, fin: false, from: .server) }
            input += Wire.frame(0x0, part, from: .server)
            client.receive(input, at: 0)
            #expect(client.incoming == [.binary(Array(repeating: 7, count: size))])
        }

        @Test("S2: a flood of empty fragments is refused, and costs nothing until then")
        func refusesFragmentFlood() {
            let client = Endpoint(.client, configuration { $0.maximumMessageSize = 1600 })
            client.receive(Wire.frame(0x2, fin: false, from: .server), at: 0)
            let flood = Array(repeating: Wire.frame(0x0, fin: false, from: .server), count: 5000).flatMap { $0 }
            client.receive(flood, at: 0)
            #expect(client.pieces.isEmpty)
            #expect(client.closure?.cause == .violation(.tooManyFragments(limit: 4196)))
        }

        @Test("whatever one side sends, in whatever fragments, the other receives", arguments: [Role.client, .server])
        func roundTrips(role: Role) async throws {
            var generator = SeededGenerator(seed: 2)
            for _ in 0..<15 {
                await Task.yield()
                let sender = Endpoint(role)
                var sent: [Incoming] = []
                for _ in 0..<Int.random(in: 1...5, using: &generator) {
                    sent.append(try sender.sendRandomMessage(using: &generator))
                }
                let input = sender.takeOutput().bytes
                let seen = Outcome(of: input, inCutsUpTo: 20_000, to: role.peer, using: &generator)
                #expect(seen.incoming == sent)
            }
        }

        @Test("no bytes at all make a connection trap, hang or keep a buffer", arguments: [Role.client, .server])
        func survivesNoise(role: Role) async {
            var generator = SeededGenerator(seed: 3)
            for _ in 0..<1000 {
                await Task.yield()
                let endpoint = Endpoint(role, transform: Bool.random(using: &generator) ? RunLength() : nil)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    endpoint.receive(.noise(from: role.peer, using: &generator), at: 0)
                }
                endpoint.connection.didDeliver()
                endpoint.handleTimeouts(until: 100)
                #expect(endpoint.isClosed && endpoint.restoredCapacity == 0)
            }
        }

        @Test("no bytes at all come to something else when they are cut elsewhere", arguments: [Role.client, .server])
        func isIndependentOfCuts(role: Role) async {
            var generator = SeededGenerator(seed: 4)
            for _ in 0..<300 {
                await Task.yield()
                let input: [UInt8] = .noise(from: role.peer, using: &generator)
                let isCompressed = Bool.random(using: &generator)
                let whole = Outcome(
                    of: input, in: [0..<input.count], to: role, transform: isCompressed ? RunLength() : nil)
                for longest in [1, 2, 9, 100, 300] {
                    let cut = Outcome(
                        of: input, inCutsUpTo: longest, to: role, transform: isCompressed ? RunLength() : nil,
                        using: &generator)
                    #expect(cut == whole)
                }
            }
        }
    }
}

extension Endpoint {
    /// Sends one message in random fragments, with pings between.
    fileprivate func sendRandomMessage(using generator: inout SeededGenerator) throws -> Incoming {
        let length = Int.random(in: 0...Int.random(in: 0...70_000, using: &generator), using: &generator)
        let isText = Bool.random(using: &generator)
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...(isText ? 0x7F : 0xFF), using: &generator) }
        try connection.beginMessage(isText ? .text : .binary)
        var position = 0
        while position < length, Bool.random(using: &generator) {
            let end = Int.random(in: position...length, using: &generator)
            try connection.sendFragment(Array(bytes[position..<end]).span, endsMessage: false)
            position = end
        }
        try connection.sendFragment(Array(bytes[position...]).span, endsMessage: true)
        return isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes)
    }
}

extension Outcome {
    /// Cuts the input at random.
    fileprivate init(
        of input: [UInt8], inCutsUpTo longest: Int, to role: Role, transform: (any MessageTransform)? = nil,
        using generator: inout SeededGenerator
    ) {
        var cuts: [Range<Int>] = []
        var start = 0
        while start < input.count {
            let end = min(input.count, start + Int.random(in: 1...longest, using: &generator))
            cuts.append(start..<end)
            start = end
        }
        self.init(of: input, in: cuts, to: role, transform: transform)
    }
}

extension [UInt8] {
    /// Frames that are valid or nearly so, and some bytes that are nothing.
    fileprivate static func noise(from sender: Role, using generator: inout SeededGenerator) -> Self {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let payload = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0...0x7F, using: &generator)
            }
            let opcode = ([0x0, 0x1, 0x2, 0x9, 0xA] as Self).randomElement(using: &generator) ?? 0
            bytes += Wire.frame(
                opcode, opcode < 8 ? payload : Array(payload.prefix(125)),
                fin: opcode > 7 || .random(using: &generator),
                rsv: Int.random(in: 0...19, using: &generator) == 0 ? 4 : 0, from: sender)
        }
        if Int.random(in: 0...3, using: &generator) == 0 {
            bytes += (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        return bytes
    }
}
