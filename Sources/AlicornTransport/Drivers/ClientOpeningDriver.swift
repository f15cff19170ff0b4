// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Why a client's opening handshake came to nothing.
package enum OpeningFailure: Error, Sendable {
    /// The server's answer breaks a rule or is no 101.
    case handshake(HandshakeFailure, HTTP1Response)
    /// The server's answer is no HTTP.
    case http(HTTPViolation)
    /// TCP ended before the answer.
    case connectionLost(reason: String?)
    /// The time for the whole opening is over (HC-15).
    case timedOut
    /// The request cannot be sent.
    case misuse(HTTPMisuse)
}

/// Drives a client's connection through the opening handshake: the request out, the response in, then over to the
/// driver of the open connection with whatever came behind the 101.
///
/// Confined to the connection's loop.
package final class ClientOpeningDriver: ConnectionDriver, AlarmedConnection {
    package typealias Opened = (ResponseHead, ClientHandshake.Agreement) -> any ConnectionDriver

    package var alarmIndex: Int?
    private let transport: any ConnectionTransport
    private let loop: ConnectionLoop
    private let handshake: ClientHandshake
    private var reader: HTTP1ResponseReader
    private var makeDriver: Opened?
    private var didFail: ((OpeningFailure) -> Void)?

    /// - Parameters:
    ///   - deadline: when the whole opening, which began before this connection, must be done.
    ///   - opened: makes the driver that goes on; called at most once, and then `failed` is not.
    package init(
        transport: any ConnectionTransport, handshake: ClientHandshake, limits: HTTPLimits, deadline: Timestamp,
        opened: @escaping Opened, failed: @escaping (OpeningFailure) -> Void
    ) {
        self.transport = transport
        loop = transport.loop
        self.handshake = handshake
        reader = HTTP1ResponseReader(method: handshake.request.method, limits: limits)
        makeDriver = opened
        didFail = failed
        loop.setAlarm(of: self, at: deadline)
    }

    /// Sends the request.
    package func start() {
        var output: [UInt8] = []
        do throws(HTTPMisuse) {
            try HTTP1Serializer.append(handshake.request, to: &output)
        } catch {
            fail(.misuse(error))
            return
        }
        transport.write(output.span)
    }

    package func receive(_ input: inout MutableSpan<UInt8>) {
        var position = 0
        while makeDriver != nil, let event = reader.next(in: input.span, from: &position) {
            switch event {
            case .interim: break
            case .switched(let head): switched(head, &input, from: position)
            case .response(let response): refused(response)
            case .failure(let violation): fail(.http(violation))
            }
        }
    }

    package func receiveEOF() {
        guard makeDriver != nil else { return }
        switch reader.receiveEOF() {
        case .response(let response)?: refused(response)
        case .failure, .interim, .switched, nil: fail(.connectionLost(reason: nil))
        }
    }

    package func transportClosed(reason: String?) { fail(.connectionLost(reason: reason)) }

    package func writabilityChanged() {}

    package func ring(at now: Timestamp) { fail(.timedOut) }

    /// Gives the opening up: nobody waits for it any more.
    package func cancel() { fail(.timedOut) }

    private func switched(_ head: ResponseHead, _ input: inout MutableSpan<UInt8>, from position: Int) {
        let agreement: ClientHandshake.Agreement
        do throws(HandshakeFailure) { agreement = try handshake.evaluate(head) } catch {
            fail(.handshake(error, HTTP1Response(head: head)))
            return
        }
        guard let makeDriver else { return }
        finish()
        let driver = makeDriver(head, agreement)
        transport.setDriver(driver)
        guard position < input.count else { return }
        var rest = [UInt8](copying: input.span.extracting(position...))
        var span = rest.mutableSpan
        driver.receive(&span)
    }

    private func refused(_ response: HTTP1Response) {
        do throws(HandshakeFailure) {
            _ = try handshake.evaluate(response.head)
            fail(.connectionLost(reason: nil))
        } catch { fail(.handshake(error, response)) }
    }

    private func finish() {
        makeDriver = nil
        didFail = nil
        loop.setAlarm(of: self, at: nil)
    }

    private func fail(_ failure: OpeningFailure) {
        guard let didFail else { return }
        finish()
        transport.abort()
        didFail(failure)
    }
}
