// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornNIO
package import AlicornProtocol
import AlicornTransport
import NIOCore
import NIOPosix

/// An attempt to get to where an address says, and to something there, in time.
struct RouteAttempt<Value: Sendable>: Sendable {
    /// Makes the driver of a connection, which says what comes of the attempt.
    typealias MakeDriver = @Sendable (any ConnectionTransport, OpeningOutcome<Value>) -> any ConnectionDriver

    let uri: WebSocketURI
    let configuration: WebSocketClient.Configuration
    /// When all of it must be done: resolving, TCP, TLS, proxies, and what the driver does (HC-15).
    let deadline: Timestamp
    let makeDriver: MakeDriver

    func run() async throws -> Value {
        let outcome = OpeningOutcome<Value>()
        // What cannot be given up at once, such as resolving a name, goes on without anybody waiting for it.
        let alarm = ClientLoops.group.next().scheduleTask(deadline: .init(deadline)) {
            outcome.finish(.failure(WebSocketError(noConnectionInTimeTo: uri)))
        }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            begin(outcome)
            return try await outcome.value()
        } onCancel: {
            outcome.abandon()
        }
    }

    private func begin(_ outcome: OpeningOutcome<Value>) {
        Task {
            do { dial(try await configuration.route(to: uri), outcome) } catch { outcome.finish(.failure(error)) }
        }
    }

    private func dial(_ route: DialRoute, _ outcome: OpeningOutcome<Value>) {
        NIODialer.connect(
            route, deadline: deadline, group: ClientLoops.group, loops: ClientLoops.loops,
            progress: configuration.progress,
            begun: { outcome.whenAbandoned($0) },
            failed: { outcome.finish(.failure(WebSocketError(dialing: $0, to: uri))) },
            makeDriver: { makeDriver($0, outcome) })
    }
}

/// The event loops of all clients of the process.
enum ClientLoops {
    static let group = MultiThreadedEventLoopGroup.singleton
    static let loops = NIOLoops(group)
}

extension Timestamp {
    /// The moment after `duration`, on the clock of SwiftNIO's loops.
    static func after(_ duration: Duration) -> Self {
        Timestamp(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)).advanced(by: duration)
    }
}

extension WebSocketError {
    /// Tells why there was no way to the server.
    package init(dialing failure: DialFailure, to uri: WebSocketURI) {
        switch failure {
        case .notConnected(let text, let underlying):
            self.init(
                .connectionFailed, "no connection to \(uri.authority): \(text)", underlying: underlying,
                transportReason: text)
        case .proxy(let failure, let proxy):
            self.init(.proxyFailed, "no way to \(uri.authority) through \(proxy): \(failure)", underlying: failure)
            if case .refused(let response) = failure { self.response = response }
        case .tls(let failure): self.init(.tlsFailed, failure.description, underlying: failure)
        case .timedOut: self.init(noConnectionInTimeTo: uri)
        }
    }

    fileprivate init(noConnectionInTimeTo uri: WebSocketURI) {
        self.init(.timedOut, "no connection to \(uri.authority) came about in time")
    }
}
