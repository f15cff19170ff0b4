// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// The seam between a connection and the engine that carries it, seen from the connection: a socket without a name.
///
/// All calls happen on the connection's loop.
package protocol ConnectionTransport: AnyObject {
    var loop: ConnectionLoop { get }
    /// Tells it from all other connections of the process, see ``ConnectionSerial``.
    var serial: UInt64 { get }

    /// Writes `head` and then `body`, behind what was written before. Both may be gone after the call.
    ///
    /// What the kernel takes at once it takes from where it is, in one call of the system. The rest is kept.
    ///
    /// - Parameter owner: asked for who has the bytes of `body`, when some of them are to be kept; copies for `nil`.
    func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?)

    /// Whether the transport wants more: `false` while much is unsent. The driver hears of changes.
    var isWritable: Bool { get }
    /// What was taken and is not yet the kernel's, in bytes.
    var unsentBytes: Int { get }

    func pauseReading()
    func resumeReading()

    /// Ends our direction after what is unsent; goes on reading.
    func finishWriting()
    /// Ends both directions after what is unsent.
    func close()
    /// Ends both directions at once and drops what is unsent.
    func abort()

    /// Hands the connection over to another driver, as after an opening handshake.
    func setDriver(_ driver: any ConnectionDriver)

    /// Our end: the socket's, unless a proxy has told which one its client connected to.
    var localEndpoint: SocketEndpoint { get set }
    /// The peer: the socket's, unless a proxy has told who its client is.
    var remoteEndpoint: SocketEndpoint { get set }

    /// The engine's own transport behind those that stand before it, for what only that one knows.
    var carrier: any ConnectionTransport { get }
}

extension ConnectionTransport {
    /// Writes `bytes`, which may be gone after the call.
    package func write(_ bytes: Span<UInt8>) { write(bytes, Span(), owner: { nil }) }

    package var carrier: any ConnectionTransport { self }
}

/// Bytes in memory that somebody owns, kept alive while a transport writes them.
package protocol SharedBytes: AnyObject, Sendable {
    var count: Int { get }
    func withBytes(_ body: (Span<UInt8>) -> Void)
}

/// A copy of bytes that nobody else has.
package final class OwnedBytes: SharedBytes {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(copying bytes: Span<UInt8>) { self.bytes = [UInt8](copying: bytes) }

    package var count: Int { bytes.count }

    package func withBytes(_ body: (Span<UInt8>) -> Void) {
        let bytes = bytes
        body(bytes.span)
    }
}

/// The seam seen from the engine: whoever currently decides about a connection's bytes.
///
/// All calls happen on the connection's loop.
package protocol ConnectionDriver: AnyObject {
    /// Bytes came. They may be changed in place and are gone after the call.
    func receive(_ input: inout MutableSpan<UInt8>)
    /// Where the engine best reads the next bytes to.
    var readPlace: ReadPlace { get }
    /// Takes bytes that `read` puts where they belong; for an engine that can, and only while ``readPlace`` is
    /// ``ReadPlace/own``.
    ///
    /// - Parameter read: reads into the memory and returns how many bytes; 0 or less when there are none.
    func receiveInPlace(_ read: (UnsafeMutableBufferPointer<UInt8>) -> Int)
    /// The peer ended its direction.
    func receiveEOF()
    /// The connection is gone: by an error, or because it was closed.
    func transportClosed(reason: String?)
    /// ``ConnectionTransport/isWritable`` has changed.
    func writabilityChanged()
}

/// Where the next bytes of a connection are best read to.
package enum ReadPlace {
    /// Memory of the engine, for ``ConnectionDriver/receive(_:)``, and not more than that.
    case shared(atMost: Int)
    /// Memory of the driver's: ``ConnectionDriver/receiveInPlace(_:)``.
    case own
    /// Nothing of it is wanted but its end.
    case nowhere
}

extension ConnectionDriver {
    package var readPlace: ReadPlace { .shared(atMost: .max) }
    package func receiveInPlace(_ read: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        preconditionFailure("this driver reads nothing to a place of its own")
    }
}
