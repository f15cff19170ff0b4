// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What answers the requests of a connection.
///
/// Called on the connection's loop; answers there, at once or later, with ``HTTPServerDriver/respond(_:body:)`` or
/// ``HTTPServerDriver/upgrade(_:to:)``, once for each request.
package protocol RequestResponder: AnyObject {
    func receive(_ request: RequestHead, hasBody: Bool, from driver: HTTPServerDriver)
    /// The client broke the protocol and was answered.
    func failed(_ violation: HTTPViolation, on driver: HTTPServerDriver)
    /// The connection is gone without having been upgraded.
    func closed(_ driver: HTTPServerDriver)
}

/// The times and limits of a connection that speaks HTTP.
package struct HTTPServerTimes: Sendable {
    /// From accepting, or the first byte of a request, to its answer (HS-16).
    package var open: Duration
    /// How long a connection may wait for its next request.
    package var idle: Duration
    /// How long what a client still sends is read and dropped before TCP is cut.
    package var linger: Duration

    package init(open: Duration, idle: Duration, linger: Duration) {
        self.open = open
        self.idle = idle
        self.linger = linger
    }
}

/// Drives one connection while it speaks HTTP/1.1: requests to their responder, responses to the transport, until the
/// connection closes or one of its requests, whichever, upgrades it.
///
/// Confined to the connection's loop.
package final class HTTPServerDriver: ConnectionDriver, FlushableConnection, AlarmedConnection {
    package var alarmIndex: Int?
    package let transport: any ConnectionTransport
    package let loop: ConnectionLoop
    private var http: HTTP1ServerConnection
    private var responder: (any RequestResponder)?
    private let times: HTTPServerTimes
    /// What came behind a request that is not answered yet: the next one, or frames of the protocol it upgrades to.
    private var backlog: [UInt8] = []
    private var hasPausedReading = false
    private var output: [UInt8] = []
    private var isFlushPending = false
    private var phase: Phase

    /// What the alarm is for.
    private enum Phase {
        /// Nothing has come of the next request.
        case idle
        /// A request is coming, or waits for its answer.
        case serving
        /// The last answer is out; what the client still sends is dropped.
        case lingering
        /// TCP is gone, or another driver has taken over.
        case done
    }

    /// What is kept of bytes that cannot be handled yet; reading stops there.
    private static let maximumBacklog = 64 * 1024

    package init(
        transport: any ConnectionTransport, limits: HTTPLimits, times: HTTPServerTimes, responder: any RequestResponder
    ) {
        self.transport = transport
        loop = transport.loop
        http = HTTP1ServerConnection(limits: limits)
        self.times = times
        self.responder = responder
        phase = .serving
        setAlarm(after: times.open)
    }

    // MARK: - From the transport

    package func receive(_ input: inout MutableSpan<UInt8>) {
        switch phase {
        case .idle: enter(.serving, for: times.open)
        case .serving: break
        case .lingering, .done: return
        }
        guard backlog.isEmpty else {
            keep(input.span, from: 0)
            return
        }
        var position = 0
        parse(input.span, &position)
        keep(input.span, from: position)
    }

    package func receiveEOF() {
        switch phase {
        case .done: return
        case .lingering: closeTransport()
        case .idle, .serving:
            if let violation = http.receiveEOF() { fail(violation) } else if http.isClosed { closeTransport() }
        }
    }

    package func transportClosed(reason: String?) { end() }

    package func writabilityChanged() {}

    private func parse(_ input: Span<UInt8>, _ position: inout Int) {
        while case .serving = phase, let event = http.next(in: input, from: &position) {
            switch event {
            case .request(let head, let body, _):
                // What follows must be in the backlog before the answer, which may upgrade the connection.
                keep(input, from: position)
                position = input.count
                responder?.receive(head, hasBody: body != .none, from: self)
                return
            case .body, .end: break
            case .failure(let violation):
                fail(violation)
                return
            }
        }
    }

    private func keep(_ input: Span<UInt8>, from position: Int) {
        guard position < input.count else { return }
        switch phase {
        case .lingering, .done: return
        case .idle, .serving: break
        }
        input.extracting(position...).withUnsafeBufferPointer { backlog.append(contentsOf: $0) }
        guard backlog.count > Self.maximumBacklog, !hasPausedReading else { return }
        hasPausedReading = true
        transport.pauseReading()
    }

    /// Handles what was kept, as far as it can be now.
    private func parseBacklog() {
        while case .serving = phase, !backlog.isEmpty, http.wantsInput {
            var bytes: [UInt8] = []
            swap(&bytes, &backlog)
            var position = 0
            parse(bytes.span, &position)
            keep(bytes.span, from: position)
        }
        resumeReading()
    }

    private func resumeReading() {
        guard hasPausedReading, backlog.count <= Self.maximumBacklog else { return }
        hasPausedReading = false
        transport.resumeReading()
    }

    // MARK: - From the responder

    /// Whether the request that is being answered may upgrade the connection.
    package var canUpgrade: Bool { http.canUpgrade }

    /// Whether TCP is gone, or going.
    package var isDone: Bool {
        switch phase {
        case .idle, .serving: false
        case .lingering, .done: true
        }
    }

    /// Answers the request.
    package func respond(_ head: ResponseHead, body: [UInt8]) {
        guard !isDone else { return }
        do throws(HTTPMisuse) {
            let persistence = try http.send(dated(head), wholeBody: body, into: &output)
            flushLater()
            switch persistence {
            case .keepAlive: awaitNextRequest()
            case .close: linger()
            }
        } catch {
            respondToMisuse()
        }
    }

    /// What the application gave is no response: the client must not wait for one.
    private func respondToMisuse() {
        let body = Array("The server failed to make a response.\n".utf8)
        http.closeAfterResponse()
        _ = try? http.send(dated(ResponseHead(status: 500)), wholeBody: body, into: &output)
        flushLater()
        linger()
    }

    /// Answers the request with 101 and hands the connection over to `driver`, with all bytes that came behind it.
    package func upgrade(_ head: ResponseHead, to driver: any ConnectionDriver) {
        guard !isDone else { return }
        do throws(HTTPMisuse) {
            try http.sendUpgradeResponse(dated(head), into: &output)
        } catch {
            respondToMisuse()
            return
        }
        transport.write(output)
        transport.flush()
        output = []
        var rest: [UInt8] = []
        swap(&rest, &backlog)
        resumeReading()
        responder = nil
        end()
        transport.setDriver(driver)
        guard !rest.isEmpty else { return }
        var span = rest.mutableSpan
        driver.receive(&span)
    }

    /// Lets the answer that is due be the last, and closes at once when none is.
    package func closeAfterResponse() {
        http.closeAfterResponse()
        if http.isClosed { closeTransport() }
    }

    private func dated(_ head: ResponseHead) -> ResponseHead {
        guard !head.fields.contains("Date") else { return head }
        var dated = head
        dated.fields = HeaderFields()
        // A name and a value without control characters, and fields that were accepted before: none is refused.
        try? dated.fields.append(name: "Date", value: loop.date)
        for index in 0..<head.fields.count {
            let field = head.fields[index]
            try? dated.fields.append(name: field.name, value: field.value)
        }
        return dated
    }

    private func awaitNextRequest() {
        enter(.serving, for: times.open)
        parseBacklog()
        if case .serving = phase, http.isIdle { enter(.idle, for: times.idle) }
    }

    private func fail(_ violation: HTTPViolation) {
        http.sendFailureResponse(for: violation, into: &output)
        flushLater()
        responder?.failed(violation, on: self)
        linger()
    }

    // MARK: - The end

    private func linger() {
        backlog = []
        resumeReading()
        enter(.lingering, for: times.linger)
        flushLater()
    }

    private func closeTransport() {
        flush()
        transport.close()
        end()
    }

    /// Cuts the connection at once.
    package func abort() {
        if case .done = phase { return }
        transport.abort()
        end()
    }

    private func end() {
        phase = .done
        backlog = []
        loop.setAlarm(of: self, at: nil)
        let responder = responder
        self.responder = nil
        responder?.closed(self)
    }

    // MARK: - Output

    private func flushLater() {
        guard !isFlushPending else { return }
        isFlushPending = true
        loop.flushLater(self)
    }

    package func flush() {
        isFlushPending = false
        if case .done = phase { return }
        if !output.isEmpty {
            transport.write(output)
            output = []
        }
        transport.flush()
        if case .lingering = phase { transport.finishWriting() }
    }

    // MARK: - Time

    private func enter(_ phase: Phase, for duration: Duration) {
        self.phase = phase
        setAlarm(after: duration)
    }

    private func setAlarm(after duration: Duration) {
        loop.setAlarm(of: self, at: loop.now.advanced(by: duration))
    }

    package func ring(at now: Timestamp) {
        switch phase {
        case .idle, .lingering: closeTransport()
        case .serving where http.isIdle: closeTransport()
        case .serving where http.wantsInput:
            http.fail(.headTimedOut)
            fail(.headTimedOut)
        case .serving:
            let body = Array("The server did not answer in time.\n".utf8)
            http.closeAfterResponse()
            respond(ResponseHead(status: 503), body: body)
        case .done: break
        }
    }
}
