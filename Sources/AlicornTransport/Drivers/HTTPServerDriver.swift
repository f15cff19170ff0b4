// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

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
    @exclusivity(unchecked) var http: HTTP1ServerConnection
    @exclusivity(unchecked) private var responder: (any RequestResponder)?
    /// Who hears of the body of the request that is being answered, where bodies are streamed.
    @exclusivity(unchecked) var exchange: (any HTTPExchangeObserver)?
    /// What the responder keeps for the connection, from one request to the next.
    @exclusivity(unchecked) package var hostStorage: AnyObject?
    private let times: HTTPServerTimes
    /// What came behind a request that is not answered yet: the next one, or frames of the protocol it upgrades to.
    @exclusivity(unchecked) private var backlog: [UInt8] = []
    /// Where in the backlog that begins which is not handled yet.
    @exclusivity(unchecked) private var backlogStart = 0
    private var isHandlingBacklog = false
    /// The request whose body is on its way, where bodies are collected.
    @exclusivity(unchecked) private var incoming: IncomingRequest?
    private let bodies: BodyDelivery
    private var hasPausedReading = false
    /// Whether the exchange has enough of its request's body for now.
    private var isBodyPaused = false
    /// Whether the client has ended its side, behind what is in the backlog.
    private var hasInputEnded = false
    /// Whether the server ends: what has its last answer is closed at once.
    private var isLeaving = false
    /// Whether a request waits for its answer.
    @exclusivity(unchecked) private var isAnswering = false
    /// Whether an answer was made after which the next request is waited for.
    @exclusivity(unchecked) private var isBetweenRequests = false
    @exclusivity(unchecked) var output: [UInt8] = []
    @exclusivity(unchecked) package var isFlushPending = false
    /// Whether the responder sees to it that what it sends goes out.
    @exclusivity(unchecked) private var isOutputHeld = false
    /// Bytes that the transport was given.
    private var written = 0
    /// The client of a response in pieces does not read.
    @exclusivity(unchecked) private var writeStall: WriteStall?
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

    /// When the phase has taken as long as it may, when it began, and what the client had read by then.
    private struct Deadline {
        var moment: Timestamp
        var began: Timestamp
        var sent: Int
    }

    /// What is kept of bytes that cannot be handled yet; reading stops there.
    private static let maximumBacklog = 64 * 1024
    /// Answers that may wait for being flushed, in bytes; no further request is handled then.
    private static let maximumOutput = 64 * 1024
    /// How long the request of a client that has just connected, or been answered, may be on its way, in nanoseconds.
    private static let arrivalTime: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - isSecure: whether the client came over TLS.
    ///   - bodies: what becomes of the bodies of requests.
    package init(
        transport: any ConnectionTransport, isSecure: Bool = false, limits: HTTPLimits, times: HTTPServerTimes,
        bodies: BodyDelivery, responder: any RequestResponder
    ) {
        self.transport = transport
        self.isSecure = isSecure
        loop = transport.loop
        http = HTTP1ServerConnection(limits: limits)
        self.bodies = bodies
        self.times = times
        self.responder = responder
        deadline = Deadline(moment: alarm, began: alarm, sent: 0)
        enter(.serving, for: times.head)
    }

    // MARK: - From the transport

    package func receive(_ input: inout MutableSpan<UInt8>) {
        switch phase {
        case .idle: enter(.serving, for: times.head)
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
        case .idle, .serving: tellEndOfInput()
        }
    }

    package func transportClosed(reason: String?) { end() }

    package func writabilityChanged() {
        handleBacklog()
        if transport.isWritable { writeStall = nil } else { watchStall() }
        resumeSender()
    }

    // MARK: - Requests

    /// The next request, the end of the one that is being collected, or what is wrong with either.
    private func parse(_ input: Span<UInt8>, _ position: inout Int) -> HTTP1ServerConnection.Event? {
        while true {
            let event = http.next(in: input, from: &position)
            if case .body(let range)? = event {
                take(input.extracting(range))
                continue
            }
            if case .end? = event, incoming == nil, exchange == nil { continue }
            // The end of a request without a body comes without further input.
            if case .request(_, .none, _)? = event { _ = http.next(in: input, from: &position) }
            return event
        }
    }

    private func handle(_ event: consuming HTTP1ServerConnection.Event?) {
        switch consume event {
        case .request(let head, let body, let expectsContinue):
            isAnswering = true
            isBetweenRequests = false
            guard body != .none else {
                awaitAnswer()
                responder?.receive(head, body: .none, from: self)
                return
            }
            switch bodies {
            case .readOver: responder?.receive(head, body: .readOver, from: self)
            case .collected: collect(head, expectsContinue)
            case .streamed:
                enter(.serving, for: times.body)
                responder?.receive(head, body: .arriving, from: self)
            }
        case .end(let trailers):
            if let exchange {
                awaitAnswer()
                exchange.receivedBody(trailers: trailers)
            } else if let request = incoming.take() {
                responder?.receive(request.head, body: .whole(request.body), from: self)
            }
        case .failure(let violation): fail(violation)
        case .body, nil: break
        }
    }

    /// Has the request wait for its body, which the client may wait to be asked for (RFC 9110 §10.1.1).
    private func collect(_ head: RequestHead, _ expectsContinue: Bool) {
        incoming = IncomingRequest(head)
        if expectsContinue { sendContinue() }
    }

    private func take(_ piece: Span<UInt8>) {
        if let exchange {
            deadline.moment = loop.now.advanced(byNanoseconds: times.body)
            exchange.receive(piece)
        } else {
            incoming?.append(piece)
        }
    }

    /// The request has come as a whole. Where it is timed in stages the next one is the application's.
    private func awaitAnswer() {
        guard let answer = times.answer else { return }
        if answer == .max {
            // Nothing to look at the clock for.
            deadline.moment = Timestamp(nanoseconds: .max)
        } else {
            enter(.serving, for: answer)
        }
    }

    private func keep(_ input: Span<UInt8>, from position: Int) {
        guard position < input.count else { return }
        if backlogStart > 0 {
            backlog.removeFirst(backlogStart)
            backlogStart = 0
        }
        backlog.append(copying: input.extracting(position...))
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
        while case .serving = phase, backlogStart < backlog.count, http.wantsInput, takesRequests, !isBodyPaused {
            let event = parse(backlog.span, &backlogStart)
            if backlogStart == backlog.count { dropBacklog() }
            handle(event)
        }
        isHandlingBacklog = false
        resumeReading()
        guard case .serving = phase else { return }
        if hasInputEnded {
            tellEndOfInput()
        } else if backlog.isEmpty, isBetweenRequests, http.isIdle {
            isBetweenRequests = false
            enter(.idle, for: times.idle)
        }
    }

    private func dropBacklog() {
        backlog = []
        backlogStart = 0
    }

    private func resumeReading() {
        guard hasPausedReading, !isBodyPaused, backlog.count - backlogStart <= Self.maximumBacklog else { return }
        hasPausedReading = false
        transport.resumeReading()
    }

    /// Whoever waits with a request that is whole hears of the client's end though others wait behind it: of what is in the
    /// backlog nothing is for that request.
    private func tellEndOfInput() {
        if backlog.isEmpty { endInput() } else if !http.wantsInput { exchange?.clientEnded() }
    }

    /// All that came before the client's end was handled.
    private func endInput() {
        if let violation = http.receiveEOF() { fail(violation) } else if http.isClosed { closeTransport() }
        exchange?.clientEnded()
    }

    // MARK: - From the responder

    /// Whether the caller is on the connection's loop.
    package var isOnLoop: Bool { loop.isCurrent }

    /// Whether the request that is being answered may upgrade the connection.
    package var canUpgrade: Bool { http.canUpgrade }
    /// What of an opening handshake that request has.
    package var handshakeSigns: HandshakeSigns { http.handshakeSigns }

    /// Whether TCP is gone, or going.
    package var isDone: Bool {
        switch phase {
        case .idle, .serving: false
        case .lingering, .done: true
        }
    }

    /// Answers the request.
    ///
    /// - Parameter leading: fields in front of the head's own; the date for `nil`.
    package func respond(_ head: ResponseHead, body: [UInt8], leading: SerializedFields? = nil) {
        guard !isDone else { return }
        takeSpareOutput()
        do throws(HTTPMisuse) {
            let persistence = try http.send(
                head, wholeBody: body, date: leading == nil ? loop.date : nil, leading: leading ?? .none, into: &output)
            didEndResponse(persistence)
        } catch {
            respondToMisuse()
        }
    }

    func didEndResponse(_ persistence: HTTP1ServerConnection.Persistence) {
        isAnswering = false
        exchange = nil
        writeStall = nil
        isBodyPaused = false
        flushLater()
        switch persistence {
        case .keepAlive:
            isBetweenRequests = true
            let isFollowed = isHandlingBacklog || !backlog.isEmpty
            // The time of the next request begins. When nothing of one is there, that of being idle has begun.
            if isFollowed { enter(.serving, for: times.head) }
            handleBacklog()
            if !isFollowed, isBetweenRequests { enter(.serving, for: times.head) }
        case .close: linger()
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
    /// - Parameters:
    ///   - leading: fields in front of the head's own; the date for `nil`.
    ///   - makeDriver: called when the 101 has been written, unless the request cannot be upgraded.
    package func upgrade(
        _ head: ResponseHead, leading: SerializedFields? = nil, makeDriver: () -> any ConnectionDriver
    ) {
        guard !isDone else { return }
        takeSpareOutput()
        do throws(HTTPMisuse) {
            try http.sendUpgradeResponse(
                head, date: leading == nil ? loop.date : nil, leading: leading ?? .none, into: &output)
        } catch {
            respondToMisuse()
            return
        }
        writeOutput()
        var rest = backlogStart < backlog.count ? Array(backlog[backlogStart...]) : []
        dropBacklog()
        resumeReading()
        responder = nil
        exchange = nil
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

    /// Ends the connection as the server ends: behind the answer that is due, without waiting for the client to end its
    /// side, unless it may still be sending what would cost it the answer.
    ///
    /// A request that is on its way gets its answer, too: a client that has connected, or was answered, less than a second
    /// ago has the rest of that.
    package func leave() {
        isLeaving = true
        let quiet = loop.now.nanoseconds - deadline.began.nanoseconds
        guard !isDone, http.isIdle, backlog.isEmpty, quiet < Self.arrivalTime else { return closeAfterResponse() }
        http.closeAfterNextResponse()
        isBetweenRequests = false
        enter(.idle, for: Self.arrivalTime - quiet)
    }

    private func fail(_ violation: HTTPViolation) {
        guard let responder else { return }
        give(responder.answer(to: violation, on: self))
    }

    /// Gives the last answer; where one has begun already that just ends.
    package func give(_ answer: FinalAnswer) {
        http.closeAfterResponse()
        _ = try? http.send(
            answer.head, wholeBody: answer.body, date: answer.leading == nil ? loop.date : nil,
            leading: answer.leading ?? .none, into: &output)
        linger()
    }

    // MARK: - Bodies in pieces

    /// Lets a client that waits for it send its body (RFC 9110 §10.1.1); nothing when it does not wait.
    package func sendContinue() {
        // It has begun already, and need not be asked.
        guard backlogStart == backlog.count else { return }
        takeSpareOutput()
        http.sendContinue(into: &output)
        if !output.isEmpty { flushLater() }
    }

    /// The exchange has enough of the body for now: the client has to wait.
    package func pauseBody() {
        guard !isBodyPaused else { return }
        isBodyPaused = true
        guard !hasPausedReading else { return }
        hasPausedReading = true
        transport.pauseReading()
    }

    /// The exchange takes more of the body.
    package func resumeBody() {
        guard isBodyPaused else { return }
        isBodyPaused = false
        deadline.moment = loop.now.advanced(byNanoseconds: times.body)
        handleBacklog()
        resumeReading()
    }

    /// Whether more of a response is worth making now.
    package var hasRoom: Bool { takesRequests }

    /// Has the request answered within that time, or by the server.
    package func limitAnswer(to duration: Duration) { enter(.serving, for: duration.clampedNanoseconds) }

    // MARK: - The end

    /// The last answer is made: it goes out, and TCP ends when the client has ended its side.
    func linger() {
        isAnswering = false
        incoming = nil
        isBodyPaused = false
        writeStall = nil
        dropBacklog()
        resumeReading()
        enter(.lingering, for: times.linger)
        flushLater()
        closeExchange()
    }

    private func closeExchange() {
        guard let exchange else { return }
        self.exchange = nil
        exchange.closed()
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
        writeStall = nil
        dropBacklog()
        closeExchange()
        loop.setAlarm(of: self, at: nil)
        alarm = Timestamp(nanoseconds: .max)
        let responder = responder
        self.responder = nil
        responder?.closed(self)
    }

    // MARK: - Output

    func flushLater() {
        guard !isFlushPending, !isOutputHeld else { return }
        isFlushPending = true
        loop.flushLater(self)
    }

    /// Has what is sent wait for ``releaseOutput()``, instead of for the end of the turn.
    package func holdOutput() { isOutputHeld = true }

    /// Writes what was held back; with the answer to the client's next request, where that has come.
    package func releaseOutput() {
        isOutputHeld = false
        if isAnswering { flushLater() } else { flush() }
    }

    package func flush() {
        isFlushPending = false
        isOutputHeld = false
        switch phase {
        case .done: break
        case .idle, .serving:
            writeOutput()
            handleBacklog()
            resumeSender()
        case .lingering:
            writeOutput()
            let isOver = hasInputEnded || isLeaving && !http.leavesInputUnread
            if isOver { transport.close() } else { transport.finishWriting() }
        }
    }

    private func writeOutput() {
        if !output.isEmpty { writeOutput(and: Span(), owner: { nil }) }
    }

    /// Writes what is waiting, and behind it `piece` from where it is.
    func writeOutput(and piece: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        var bytes: [UInt8] = []
        swap(&bytes, &output)
        written &+= bytes.count &+ piece.count
        transport.write(bytes.span, piece, owner: owner)
        loop.spareOutput.keep(&bytes)
    }

    func takeSpareOutput() { loop.spareOutput.lend(to: &output) }

    // MARK: - Time

    private func enter(_ phase: Phase, for duration: Int64) {
        self.phase = phase
        let now = loop.now
        deadline = Deadline(moment: now.advanced(byNanoseconds: duration), began: now, sent: sent)
        updateAlarm()
    }

    private func updateAlarm() {
        let next = min(deadline.moment, writeStall?.deadline ?? deadline.moment)
        guard next < alarm else { return }
        alarm = next
        loop.setAlarm(of: self, at: alarm)
    }

    /// Whoever waits to send more of a response may go on.
    private func resumeSender() {
        if let exchange, hasRoom { exchange.mayResumeSending() }
    }

    /// A response in pieces is given up when its client has read nothing of it for the time that a body may take.
    private func watchStall() {
        guard exchange != nil, writeStall == nil else { return }
        writeStall = WriteStall(sent: sent, deadline: loop.now.advanced(byNanoseconds: times.body))
        updateAlarm()
    }

    private func check(_ stall: WriteStall) {
        writeStall = nil
        if sent == stall.sent { abort() } else { watchStall() }
    }

    /// Bytes that have left the transport: they become more as long as the client reads.
    private var sent: Int { written &- transport.unsentBytes }

    package func ring(at now: Timestamp) {
        alarm = Timestamp(nanoseconds: .max)
        if let writeStall, writeStall.deadline <= now { check(writeStall) }
        guard deadline.moment <= now else {
            updateAlarm()
            return
        }
        switch phase {
        case .idle where isLeaving: closeAfterResponse()
        case .idle, .lingering: timeOut()
        case .serving where http.isIdle: timeOut()
        // It is the application that has not taken the body.
        case .serving where isBodyPaused: enter(.serving, for: times.body)
        case .serving where http.wantsInput:
            let violation = isAnswering ? HTTPViolation.bodyTimedOut : .headTimedOut
            http.fail(violation)
            fail(violation)
        case .serving: if let responder { give(responder.answerToLateness(on: self)) }
        case .done: break
        }
    }

    /// Ends a connection on which nothing is to be expected, unless the client is still reading what it was sent.
    private func timeOut() {
        if transport.unsentBytes == 0 {
            closeTransport()
        } else if sent != deadline.sent {
            enter(phase, for: deadline.moment.nanoseconds - deadline.began.nanoseconds)
        } else {
            abort()
        }
    }
}
