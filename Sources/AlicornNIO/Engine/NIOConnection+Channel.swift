// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import NIOCore

extension NIOConnection {
    /// Makes a new channel carry a connection. On the channel's event loop.
    static func install(
        in channel: any Channel, loops: NIOLoops,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) throws {
        try setOptions(of: channel)
        let connection = NIOConnection(loop: loops.loop(on: channel.eventLoop), makeDriver: makeDriver)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    private static func setOptions(of channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 64 * 1024))
        // The channel keeps its buffer: a small first one is what an idle connection costs.
        let sizes = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 256 * 1024)
        try options.setOption(.recvAllocator, value: sizes)
    }
}
