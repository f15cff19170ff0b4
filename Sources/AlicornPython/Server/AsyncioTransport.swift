// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import CPython

/// A connection that asyncio carries, as it does those with TLS: the engine's end of the seam over one of its transports.
/// Confined to the loop's thread.
final class AsyncioTransport: ConnectionTransport {
    let loop: ConnectionLoop
    let serial = ConnectionSerial.next()
    var localEndpoint: SocketEndpoint
    var remoteEndpoint: SocketEndpoint
    private let description: Owned?
    private let transport: Owned
    private var driver: (any ConnectionDriver)?
    private var isGone = false
    private(set) var isWritable = true

    init(_ transport: Object, loop: ConnectionLoop, local: SocketEndpoint, remote: SocketEndpoint, tls: Object?) {
        self.transport = Owned(sharing: transport)
        self.loop = loop
        if let tls { description = Owned(sharing: tls) } else { description = nil }
        localEndpoint = local
        remoteEndpoint = remote
    }

    /// What applications are told of the connection's TLS (A-TLS): a dictionary.
    var tls: Object? {
        switch description {
        case .some(let tls): tls.object
        case nil: nil
        }
    }

    // MARK: - From asyncio

    func received(_ bytes: borrowing BorrowedBytes) {
        guard let driver else { return }
        // It is unmasked in place, and those bytes are Python's.
        var copy = [UInt8](copying: bytes.bytes)
        var span = copy.mutableSpan
        driver.receive(&span)
    }

    func receivedEOF() { driver?.receiveEOF() }

    func becomeWritable(_ isWritable: Bool) {
        self.isWritable = isWritable
        driver?.writabilityChanged()
    }

    func closed(_ reason: String?) {
        isGone = true
        driver.take()?.transportClosed(reason: reason)
    }

    // MARK: - From the driver

    func setDriver(_ driver: any ConnectionDriver) { self.driver = driver }

    var unsentBytes: Int {
        guard !isGone else { return 0 }
        var count = 0
        asked { () throws(PythonError) in
            let size = try transport.object.call(Word.getWriteBufferSize.object)
            count = Int(PyLong_AsLongLong(size.object))
        }
        return count
    }

    func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        guard !isGone else { return }
        asked { () throws(PythonError) in
            let bytes = try Owned(PyBytes_FromStringAndSize(nil, head.count + body.count))
            // SAFETY: nobody else has the object yet, and it has room for both.
            let place = UnsafeMutableRawBufferPointer(
                start: PyBytes_AsString(bytes.object), count: head.count + body.count)
            head.withUnsafeBytes { place.copyMemory(from: $0) }
            body.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: place[head.count...]).copyMemory(from: $0) }
            _ = try transport.object.call(Word.write.object, bytes.object)
        }
    }

    func pauseReading() { ask(.pauseReading) }

    func resumeReading() { ask(.resumeReading) }

    /// TLS has no half of a connection that could end by itself.
    func finishWriting() { ask(.close) }

    func close() { ask(.close) }

    func abort() { ask(.abort) }

    private func ask(_ method: Word) {
        guard !isGone else { return }
        asked { () throws(PythonError) in _ = try transport.object.call(method.object) }
    }

    /// A transport that fails has told, or will tell, that the connection is lost.
    private func asked(_ body: () throws(PythonError) -> Void) {
        do throws(PythonError) { try body() } catch { PyErr_Clear() }
    }
}
