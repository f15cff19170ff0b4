// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What lies between the two ends of a ``MemoryPair``.
public struct MemoryNetwork: Sendable {
    /// How long bytes are on their way.
    public var latency: Duration = .zero
    /// How many bytes may be on their way or unread in each direction, before the sender has to wait: TCP's window.
    public var window = 256 * 1024
    /// The most bytes that arrive at once; 1 for byte by byte.
    public var segment = 64 * 1024

    /// A network without latency.
    public init() {}
}
