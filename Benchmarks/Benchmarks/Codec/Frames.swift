// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Benchmark
import NIOCore
import NIOEmbedded
import NIOWebSocket

func frameBenchmarks() {
    // The yardstick of unmasking, which has to reach 0.7 of its bandwidth.
    Benchmark("copy 16 KiB") { benchmark in
        let source = [UInt8](repeating: 0x5A, count: 16_384)
        var destination = [UInt8](repeating: 0, count: 16_384)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            destination.withUnsafeMutableBytes { to in source.withUnsafeBytes { from in to.copyMemory(from: from) } }
            blackHole(destination)
        }
        benchmark.stopMeasurement()
    }

    Benchmark("unmask 16 KiB") { benchmark in
        let key = MaskingKey(0x3D21_FA37)
        var payload = [UInt8](repeating: 0x5A, count: 16_384)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var span = payload.mutableSpan
            key.apply(to: &span, in: 0..<16_384)
        }
        benchmark.stopMeasurement()
        blackHole(payload)
    }

    Benchmark("receive a frame of 16 B") { benchmark in
        var connection = server()
        var input = frame
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { take(&input, by: &connection) }
        benchmark.stopMeasurement()
    }

    Benchmark("receive 64 frames of 16 B") { benchmark in
        var connection = server()
        var input = Array(repeatElement(frame, count: 64).joined())
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { take(&input, by: &connection) }
        benchmark.stopMeasurement()
    }

    Benchmark("NIOWebSocket: receive a frame of 16 B") { benchmark in
        try receiveByNIO(ByteBuffer(bytes: frame), frames: 1, benchmark)
    }

    Benchmark("NIOWebSocket: receive 64 frames of 16 B") { benchmark in
        try receiveByNIO(ByteBuffer(bytes: repeatElement(frame, count: 64).joined()), frames: 64, benchmark)
    }
}

/// A masked binary frame of 16 bytes.
private let frame: [UInt8] = [0x82, 0x90, 0x37, 0xFA, 0x21, 0x3D] + [UInt8](repeating: 0x5A, count: 16)

private func server() -> WebSocketProtocol {
    WebSocketProtocol(
        role: .server, configuration: ProtocolConfiguration(), now: Timestamp(nanoseconds: 0), randomWord: { 0 })
}

/// What a driver does with the bytes of one read: header, unmasking in place, until nothing is left.
@inline(never)
private func take(_ input: inout [UInt8], by connection: inout WebSocketProtocol) {
    var span = input.mutableSpan
    var position = 0
    connection.receive(at: Timestamp(nanoseconds: 0))
    while position < span.count, let event = connection.next(in: &span, from: &position) { blackHole(event) }
}

private func receiveByNIO(_ input: ByteBuffer, frames: Int, _ benchmark: Benchmark) throws {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations {
        try channel.writeInbound(input)
        for _ in 0..<frames { blackHole(try channel.readInbound(as: WebSocketFrame.self)?.unmaskedData) }
    }
    benchmark.stopMeasurement()
    _ = try channel.finish()
}
