// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What answers the requests of a connection.
///
/// Called on the connection's loop; answers there, at once or later, with ``HTTPServerDriver/respond(_:body:)`` or
/// ``HTTPServerDriver/upgrade(_:makeDriver:)``, once for each request.
package protocol RequestResponder: AnyObject {
    func receive(_ request: consuming RequestHead, body: consuming ReceivedBody, from driver: HTTPServerDriver)
    /// The client broke the protocol and was answered.
    func failed(_ violation: HTTPViolation, on driver: HTTPServerDriver)
    /// The connection is gone without having been upgraded.
    func closed(_ driver: HTTPServerDriver)
}

/// The times of a connection that speaks HTTP, in nanoseconds: arithmetic with `Duration` is that of 128 bits.
package struct HTTPServerTimes: Sendable {
    fileprivate let open: Int64
    fileprivate let idle: Int64
    fileprivate let linger: Int64

    /// - Parameters:
    ///   - open: from accepting, or the first byte of a request, to its answer (HS-16), bodies included.
    ///   - idle: how long a connection may wait for its next request.
    ///   - linger: how long what a client still sends is read and dropped before TCP is cut.
    package init(open: Duration, idle: Duration, linger: Duration) {
        self.open = open.clampedNanoseconds
        self.idle = idle.clampedNanoseconds
        self.linger = linger.clampedNanoseconds
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
    /// Whether the client came over TLS, as far as whoever accepted the connection knows.
    package let isSecure: Bool
    @exclusivity(unchecked) private var http: HTTP1ServerConnection
    @exclusivity(unchecked) private var responder: (any RequestResponder)?
    private let times: HTTPServerTimes
    /// What came behind a request that is not answered yet: the next one, or frames of the protocol it upgrades to.
    @exclusivity(unchecked) private var backlog: [UInt8] = []
    /// Where in the backlog that begins which is not handled yet.
    @exclusivity(unchecked) private var backlogStart = 0
    private var isHandlingBacklog = false
    /// The request whose body is on its way, where bodies are collected.
    @exclusivity(unchecked) private var incoming: IncomingRequest?
    private let collectsBodies: Bool
    private var hasPausedReading = false
    /// Whether the client has ended its side, behind what is in the backlog.
    private var hasInputEnded = false
    /// Whether a request waits for its answer.
    @exclusivity(unchecked) private var isAnswering = false
    /// Whether an answer was made after which the next request is waited for.
    @exclusivity(unchecked) private var isBetweenRequests = false
    @exclusivity(unchecked) private var output: [UInt8] = []
    @exclusivity(unchecked) package var isFlushPending = false
    /// Bytes that the transport was given.
    private var written = 0
    @exclusivity(unchecked) private var phase = Phase.serving
    /// When the phase has lasted too long.
    private var deadline: Deadline
    /// When the loop rings: at the deadline, or before it and then again. A deadline that only moves on, as with every
    /// request, costs the loop nothing.
    private var alarm = Timestamp(nanoseconds: .max)

    /// What the alarm is for.
    private enum Phase {
        /// Nothing has come of the next request.
        case idle
        /// A request is coming, or waits for its answer.
        case serving
        /// The last answer is out, or on its way; what the client still sends is dropped.
        case lingering
        /// TCP is gone, or another driver has taken over.
        case done
    }

    /// When the phase has taken as long as it may, and what the client had read when it began.
    private struct Deadline {
        var moment: Timestamp
        var duration: Int64
        var sent: Int
    }

    /// What is kept of bytes that cannot be handled yet; reading stops there.
    private static let maximumBacklog = 64 * 1024
    /// Answers that may wait for being flushed, in bytes; no further request is handled then.
    private static let maximumOutput = 64 * 1024

    /// - Parameters:
    ///   - isSecure: whether the client came over TLS.
    ///   - limits: with a limit on the bodies of requests they are collected, without one they are read over.
    package init(
        transport: any ConnectionTransport, isSecure: Bool = false, limits: HTTPLimits, times: HTTPServerTimes,
        responder: any RequestResponder
    ) {
        self.transport = transport
        self.isSecure = isSecure
        loop = transport.loop
        http = HTTP1ServerConnection(limits: limits)
        collectsBodies = limits.requestBody != nil
        self.times = times
        self.responder = responder
        deadline = Deadline(moment: alarm, duration: times.open, sent: 0)
        enter(.serving, for: times.open)
    }

    // MARK: - From the transport

    package func receive(_ input: inout MutableSpan<UInt8>) {
        switch phase {
        case .idle: enter(.serving, for: times.open)
        case .serving: break
        case .lingering, .done: return
        }
        flushAfter {
            if backlog.isEmpty, takesRequests {
                var position = 0
                let event = parse(input.span, &position)
                // What follows must be in the backlog before the answer, which may upgrade the connection.
                keep(input.span, from: position)
                handle(event)
            } else {
                keep(input.span, from: 0)
            }
            handleBacklog()
        }
    }

    package func receiveEOF() {
        hasInputEnded = true
        switch phase {
        case .done: break
        case .lingering: closeTransport()
        case .idle, .serving: if backlog.isEmpty { endInput() }
        }
    }

    package func transportClosed(reason: String?) { end() }

    package func writabilityChanged() { handleBacklog() }

    // MARK: - Requests

    /// The next request, the end of the one that is being collected, or what is wrong with either.
    private func parse(_ input: Span<UInt8>, _ position: inout Int) -> HTTP1ServerConnection.Event? {
        while let event = http.next(in: input, from: &position) {
            switch event {
            case .body(let range): incoming?.append(input.extracting(range))
            case .end where incoming == nil: break
            case .end: return event
            case .request(_, .none, _):
                // Its end comes without further input.
                _ = http.next(in: input, from: &position)
                return event
            case .request, .failure: return event
            }
        }
        return nil
    }

    private func handle(_ event: consuming HTTP1ServerConnection.Event?) {
        switch consume event {
        case .request(let head, let body, let expectsContinue):
            isAnswering = true
            isBetweenRequests = false
            if body != .none, collectsBodies {
                collect(head, expectsContinue)
            } else {
                responder?.receive(head, body: body == .none ? .none : .readOver, from: self)
            }
        case .end:
            guard let request = incoming.take() else { return }
            responder?.receive(request.head, body: .whole(request.body), from: self)
        case .failure(let violation): fail(violation)
        case .body, nil: break
        }
    }

    /// Has the request wait for its body, which the client may wait to be asked for (RFC 9110 §10.1.1).
    private func collect(_ head: RequestHead, _ expectsContinue: Bool) {
        incoming = IncomingRequest(head)
        guard expectsContinue else { return }
        http.sendContinue(into: &output)
        flushLater()
    }

    private func keep(_ input: Span<UInt8>, from position: Int) {
        guard position < input.count else { return }
        input.extracting(position...).withUnsafeBufferPointer { backlog.append(contentsOf: $0) }
        guard backlog.count - backlogStart > Self.maximumBacklog, !hasPausedReading else { return }
        hasPausedReading = true
        transport.pauseReading()
    }

    /// Whether another request may be handled: the client reads the answers that it has.
    private var takesRequests: Bool { transport.isWritable && output.count < Self.maximumOutput }

    /// Handles what was kept, as far as it can be now: in a loop and not each request within the answer to the one
    /// before, as a client may send thousands at once.
    private func handleBacklog() {
        guard !isHandlingBacklog, !backlog.isEmpty || isBetweenRequests || hasInputEnded else { return }
        isHandlingBacklog = true
        while case .serving = phase, backlogStart < backlog.count, http.wantsInput, takesRequests {
            let event = parse(backlog.span, &backlogStart)
            if backlogStart == backlog.count { dropBacklog() }
            handle(event)
        }
        isHandlingBacklog = false
        if backlogStart > 0 {
            backlog.removeFirst(backlogStart)
            backlogStart = 0
        }
        resumeReading()
        guard case .serving = phase, backlog.isEmpty else { return }
        if hasInputEnded {
            endInput()
        } else if isBetweenRequests, http.isIdle {
            isBetweenRequests = false
            enter(.idle, for: times.idle)
        }
    }

    private func dropBacklog() {
        backlog = []
        backlogStart = 0
    }

    private func resumeReading() {
        guard hasPausedReading, backlog.count <= Self.maximumBacklog else { return }
        hasPausedReading = false
        transport.resumeReading()
    }

    /// All that came before the client's end was handled.
    private func endInput() {
        if let violation = http.receiveEOF() { fail(violation) } else if http.isClosed { closeTransport() }
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
        takeSpareOutput()
        do throws(HTTPMisuse) {
            let persistence = try http.send(head, wholeBody: body, date: loop.date, into: &output)
            isAnswering = false
            flushLater()
            switch persistence {
            case .keepAlive:
                isBetweenRequests = true
                let isFollowed = isHandlingBacklog || !backlog.isEmpty
                // The time of the next request begins. When nothing of one is there, that of being idle has begun.
                if isFollowed { enter(.serving, for: times.open) }
                handleBacklog()
                if !isFollowed, isBetweenRequests { enter(.serving, for: times.open) }
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
        _ = try? http.send(ResponseHead(status: 500), wholeBody: body, date: loop.date, into: &output)
        linger()
    }

    /// Answers the request with 101 and hands the connection over, with all bytes that came behind it.
    ///
    /// - Parameter makeDriver: called when the 101 has been written, unless the request cannot be upgraded.
    package func upgrade(_ head: ResponseHead, makeDriver: () -> any ConnectionDriver) {
        guard !isDone else { return }
        takeSpareOutput()
        do throws(HTTPMisuse) {
            try http.sendUpgradeResponse(head, date: loop.date, into: &output)
        } catch {
            respondToMisuse()
            return
        }
        writeOutput()
        var rest = backlogStart < backlog.count ? Array(backlog[backlogStart...]) : []
        dropBacklog()
        resumeReading()
        responder = nil
        end()
        let driver = makeDriver()
        transport.setDriver(driver)
        if !rest.isEmpty {
            var span = rest.mutableSpan
            driver.receive(&span)
        }
        if hasInputEnded { driver.receiveEOF() }
    }

    /// Lets the answer that is due be the last, and closes at once when none is.
    package func closeAfterResponse() {
        if case .done = phase { return }
        http.closeAfterResponse()
        if http.isClosed { closeTransport() }
    }

    private func fail(_ violation: HTTPViolation) {
        let (head, body) = violation.response
        _ = try? http.send(head, wholeBody: body, date: loop.date, into: &output)
        responder?.failed(violation, on: self)
        linger()
    }

    // MARK: - The end

    /// The last answer is made: it goes out, and TCP ends when the client has ended its side.
    private func linger() {
        isAnswering = false
        incoming = nil
        dropBacklog()
        resumeReading()
        enter(.lingering, for: times.linger)
        flushLater()
    }

    private func closeTransport() {
        dropBacklog()
        enter(.lingering, for: times.linger)
        writeOutput()
        transport.close()
    }

    /// Cuts the connection at once.
    package func abort() {
        if case .done = phase { return }
        transport.abort()
        end()
    }

    private func end() {
        phase = .done
        incoming = nil
        dropBacklog()
        loop.setAlarm(of: self, at: nil)
        alarm = Timestamp(nanoseconds: .max)
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
        switch phase {
        case .done: break
        case .idle, .serving:
            writeOutput()
            handleBacklog()
        case .lingering:
            writeOutput()
            if hasInputEnded { transport.close() } else { transport.finishWriting() }
        }
    }

    private func writeOutput() {
        guard !output.isEmpty else { return }
        var bytes: [UInt8] = []
        swap(&bytes, &output)
        written &+= bytes.count
        transport.write(bytes.span)
        loop.keepSpare(&bytes)
    }

    private func takeSpareOutput() { if output.isEmpty { swap(&output, &loop.spareOutput) } }

    // MARK: - Time

    private func enter(_ phase: Phase, for duration: Int64) {
        self.phase = phase
        deadline = Deadline(
            moment: loop.now.advanced(byNanoseconds: duration), duration: duration, sent: sent)
        updateAlarm()
    }

    private func updateAlarm() {
        guard deadline.moment < alarm else { return }
        alarm = deadline.moment
        loop.setAlarm(of: self, at: alarm)
    }

    /// Bytes that have left the transport: they become more as long as the client reads.
    private var sent: Int { written &- transport.unsentBytes }

    package func ring(at now: Timestamp) {
        alarm = Timestamp(nanoseconds: .max)
        guard deadline.moment <= now else {
            updateAlarm()
            return
        }
        switch phase {
        case .idle, .lingering: timeOut()
        case .serving where http.isIdle: timeOut()
        case .serving where http.wantsInput:
            let violation = isAnswering ? HTTPViolation.bodyTimedOut : .headTimedOut
            http.fail(violation)
            fail(violation)
        case .serving:
            let body = Array("The server did not answer in time.\n".utf8)
            http.closeAfterResponse()
            respond(ResponseHead(status: 503), body: body)
        case .done: break
        }
    }

    /// Ends a connection on which nothing is to be expected, unless the client is still reading what it was sent.
    private func timeOut() {
        if transport.unsentBytes == 0 {
            closeTransport()
        } else if sent != deadline.sent {
            enter(phase, for: deadline.duration)
        } else {
            abort()
        }
    }
}
