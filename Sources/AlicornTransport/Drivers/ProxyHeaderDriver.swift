// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Drives a connection from a proxy until it has told whose connection it is: reads the PROXY protocol header, gives the
/// transport the client's address for its own, and hands over with what came behind.
///
/// Confined to the connection's loop.
package final class ProxyHeaderDriver: ConnectionDriver, AlarmedConnection {
    /// Makes the driver that goes on.
    package typealias Continuation = (any ConnectionTransport, ProxyHeader) -> any ConnectionDriver

    package var alarmIndex: Int?
    package let transport: any ConnectionTransport
    private var received: [UInt8] = []
    private var deadline: Timestamp
    /// Whether the server ends: a header that does not come is nobody's fault.
    private var isLeaving = false
    private var makeDriver: Continuation?
    private var didEnd: ((ProxyViolation?, any ConnectionTransport) -> Void)?

    /// How long a header may be on its way when the server ends.
    private static let arrivalTime = Duration.seconds(1)

    /// - Parameters:
    ///   - timeout: how long the header may take.
    ///   - makeDriver: called at most once, and then `ended` is not.
    ///   - ended: the connection is gone without a header: by the proxy's fault, or because it was closed.
    package init(
        transport: any ConnectionTransport, timeout: Duration, makeDriver: @escaping Continuation,
        ended: @escaping (ProxyViolation?, any ConnectionTransport) -> Void
    ) {
        self.transport = transport
        self.makeDriver = makeDriver
        didEnd = ended
        deadline = transport.loop.now.advanced(by: timeout)
        transport.loop.setAlarm(of: self, at: deadline)
    }

    /// No more than a header is read from the socket at a time, which bounds what is kept.
    package var readPlace: ReadPlace { .shared(atMost: ProxyHeader.limit) }

    package func receive(_ input: inout MutableSpan<UInt8>) {
        guard makeDriver != nil else { return }
        received.append(copying: input.span)
        do throws(ProxyViolation) {
            if let header = try ProxyHeader.read(received.span) { handOver(header) }
        } catch {
            end(error)
        }
    }

    package func receiveEOF() { end(.incomplete) }

    package func transportClosed(reason: String?) { end(nil) }

    package func writabilityChanged() {}

    package func ring(at now: Timestamp) { end(isLeaving ? nil : .timedOut) }

    /// Ends the connection as the server ends, unless its header comes within a second: a request is on its way with it.
    package func leave() {
        guard didEnd != nil else { return }
        isLeaving = true
        deadline = min(deadline, transport.loop.now.advanced(by: Self.arrivalTime))
        transport.loop.setAlarm(of: self, at: deadline)
    }

    /// Cuts the connection at once.
    package func abort() { end(nil) }

    private func handOver(_ header: ProxyHeader) {
        guard let makeDriver else { return }
        finish()
        switch header.origin {
        case .proxy: break
        case .client(let source, let destination):
            transport.remoteEndpoint = SocketEndpoint(source.address, port: source.port)
            transport.localEndpoint = SocketEndpoint(destination.address, port: destination.port)
        // A client on a Unix socket of the proxy's is no peer on one of ours, whom the file's permissions vouch for.
        case .unixClient: transport.remoteEndpoint = .named("unix")
        }
        let driver = makeDriver(transport, header)
        transport.setDriver(driver)
        var rest = Array(received[header.length...])
        received = []
        guard !rest.isEmpty else { return }
        var span = rest.mutableSpan
        driver.receive(&span)
    }

    private func end(_ violation: ProxyViolation?) {
        guard let didEnd else { return }
        finish()
        transport.abort()
        didEnd(violation, transport)
    }

    private func finish() {
        makeDriver = nil
        didEnd = nil
        transport.loop.setAlarm(of: self, at: nil)
    }
}
