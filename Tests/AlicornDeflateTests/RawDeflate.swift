// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CZlib

/// Calls zlib without any of our own code between, as a peer would that ends its streams as it likes.
final class RawDeflate {
    private let stream: UnsafeMutablePointer<z_stream>

    init(windowBits: Int32 = 15, level: Int32 = 6, memoryLevel: Int32 = 8) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = alicorn_deflateInit2(stream, level, -windowBits, memoryLevel)
        precondition(status == Z_OK)
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Everything that `flush` makes of `input`.
    func deflate(_ input: [UInt8], _ flush: Int32) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: input.count * 2 + 100)
        let count = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = uInt(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = uInt(output.count)
                let status = CZlib.deflate(stream, flush)
                precondition(status == (flush == Z_FINISH ? Z_STREAM_END : Z_OK))
                return output.count - Int(stream.pointee.avail_out)
            }
        }
        return Array(output[..<count])
    }

    /// Begins a new stream, with an empty window or one that holds `dictionary`.
    func reset(dictionary: [UInt8] = []) {
        deflateReset(stream)
        if !dictionary.isEmpty { deflateSetDictionary(stream, dictionary, uInt(dictionary.count)) }
    }

    /// Inflates a whole raw stream, or what there is of it.
    static func inflate(_ input: [UInt8], count: Int) -> [UInt8] {
        var stream = z_stream()
        precondition(alicorn_inflateInit2(&stream, -15) == Z_OK)
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: count + 1)
        let written = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                _ = CZlib.inflate(&stream, Z_SYNC_FLUSH)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<written])
    }
}
