// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

/// Whom a run is about, and what connections to it say.
struct LoadTarget: Sendable {
    let uri: WebSocketURI
    let handshake: ClientHandshake.Configuration
    let limits: HTTPLimits
    /// How long one connection may take to come about.
    let openTimeout: Duration
}

/// The connections of one loop, and what is counted of them.
final class LoadThread: AlarmedConnection, @unchecked Sendable {
    // SAFETY: what is not constant is touched on the loop's thread alone, on which all methods are called.
    /// What happened to a thread as a whole.
    enum Note: Sendable, Hashable {
        /// All connections that there will be are open.
        case rampedUp
        /// Nothing is sent any more, and nothing is outstanding.
        case idle
        /// There is no connection any more.
        case gone
    }

    @exclusivity(unchecked) var alarmIndex: Int?
    let plan: LoadPlan
    let number: Int
    let engine: any LoadEngine
    let loop: ConnectionLoop
    private let target: LoadTarget
    private let messages: [LoadMessage]
    private let note: @Sendable (Note) -> Void

    @exclusivity(unchecked) private(set) var tally = Tally()
    /// The connections by their places; `nil` for those that are gone.
    @exclusivity(unchecked) private var connections: [LoadConnection?] = []
    @exclusivity(unchecked) private(set) var alive = 0
    @exclusivity(unchecked) private var opening = 0
    @exclusivity(unchecked) private var begun = 0
    @exclusivity(unchecked) private var failed = 0
    /// Messages that were sent and not yet answered; those that are due and not yet sent.
    @exclusivity(unchecked) private var inFlight = 0
    @exclusivity(unchecked) private var owed = 0

    @exclusivity(unchecked) private var measuredFrom = Timestamp(nanoseconds: .max)
    @exclusivity(unchecked) private var endsAt = Timestamp(nanoseconds: .min)
    @exclusivity(unchecked) private(set) var schedule: Schedule?
    /// The next message of the schedule, and when it is due.
    @exclusivity(unchecked) private var nextNumber = 0
    @exclusivity(unchecked) private var nextDue = Timestamp(nanoseconds: .max)
    @exclusivity(unchecked) private var isStopping = false
    @exclusivity(unchecked) private var isClosing = false

    /// The shortest time between two wake-ups for the schedule: more messages than that are sent together, each late by half of
    /// it, which counts as latency.
    private static let finestTick = Duration.microseconds(50)

    init(
        _ number: Int, plan: LoadPlan, target: LoadTarget, messages: [LoadMessage], engine: any LoadEngine,
        note: @escaping @Sendable (Note) -> Void
    ) {
        self.number = number
        self.plan = plan
        self.target = target
        self.messages = messages
        self.engine = engine
        self.note = note
        loop = engine.loop
    }

    // MARK: - Opening

    /// Opens the connections of this thread.
    func open() {
        openMore()
        tellIfRampedUp()
    }

    private func tellIfRampedUp() {
        if opening == 0, begun == wanted || failed >= openingLimit { note(.rampedUp) }
    }

    /// Connections that are opened at once; when as many have failed, all the others would, each in its own time.
    private var openingLimit: Int { max(1, LoadPlan.maximumOpening / plan.threads) }

    private var wanted: Int { plan.connections(onThread: number) }

    private func openMore() {
        while opening < openingLimit, begun < wanted, failed < openingLimit, !isStopping { dial() }
    }

    private func dial() {
        opening += 1
        begun += 1
        let deadline = loop.now.advanced(by: target.openTimeout)
        engine.dial(
            deadline: deadline,
            failed: { [self] in openingFailed(WebSocketError(dialing: $0, to: target.uri)) },
            makeDriver: { [self] in handshake(on: $0, deadline: deadline) })
    }

    private func handshake(on transport: any ConnectionTransport, deadline: Timestamp) -> any ConnectionDriver {
        var generator = SystemRandomNumberGenerator()
        // The command has tried that before.
        let handshake = try! ClientHandshake(to: target.uri, configuration: target.handshake, using: &generator)
        let driver = ClientOpeningDriver(
            transport: transport, handshake: handshake, limits: target.limits, deadline: deadline,
            opened: { [self] _, agreement in opened(transport, agreement) },
            failed: { [self] in openingFailed(WebSocketError(opening: $0, to: target.uri)) })
        driver.start()
        return driver
    }

    private func opened(
        _ transport: any ConnectionTransport, _ agreement: ClientHandshake.Agreement
    ) -> any ConnectionDriver {
        let place = connections.count
        let connection = LoadConnection(
            transport, thread: self, place: place, message: messages[(place * plan.threads + number) % messages.count],
            transform: agreement.acceptedExtension?.transform)
        connections.append(connection)
        alive += 1
        tally.opened += 1
        openingEnded()
        if isClosing { connection.close() }
        return connection
    }

    private func openingFailed(_ error: WebSocketError) {
        failed += 1
        tally.note(error.message)
        openingEnded()
    }

    private func openingEnded() {
        opening -= 1
        openMore()
        if opening == 0 { tellIfRampedUp() }
    }

    // MARK: - Sending

    /// Begins to send.
    ///
    /// - Parameters:
    ///   - measuredFrom: messages that begin before that are the warm-up.
    ///   - end: none begins after that.
    func begin(_ schedule: Schedule?, measuredFrom: Timestamp, end: Timestamp) {
        self.measuredFrom = measuredFrom
        endsAt = end
        guard let schedule, !connections.isEmpty else {
            let now = loop.clock
            for connection in connections { connection?.pump(at: now) }
            return
        }
        self.schedule = schedule
        nextDue = schedule.moment(of: 0)
        ring(at: loop.clock)
    }

    /// Whether a message that is sent now still counts, without a schedule.
    func isSending(at now: Timestamp) -> Bool { now < endsAt }

    /// How many places the messages of the schedule are dealt out to.
    var places: Int { connections.count }

    func ring(at now: Timestamp) {
        let now = loop.clock
        sendDue(at: now)
        setAlarm(after: now)
    }

    private func setAlarm(after now: Timestamp) {
        guard nextDue.nanoseconds < .max else { return }
        loop.setAlarm(of: self, at: max(nextDue, now.advanced(by: Self.finestTick)))
    }

    /// Sends what is due by the schedule. Whoever is awake anyway asks for it, too: then the alarm has nothing left to do.
    @inline(__always)
    func sendDue(at now: Timestamp) { if nextDue <= now { dealOut(at: now) } }

    private func dealOut(at now: Timestamp) {
        guard let schedule else { return }
        let first = nextNumber
        while nextDue <= now, nextDue < endsAt {
            if let connection = connections[nextNumber % connections.count] {
                connection.owed += 1
                owed += 1
            } else {
                tally.unsent += 1
            }
            nextNumber += 1
            nextDue = schedule.moment(of: nextNumber)
        }
        if nextDue >= endsAt { nextDue = Timestamp(nanoseconds: .max) }
        for number in first..<min(nextNumber, first + connections.count) {
            connections[number % connections.count]?.pump(at: now)
        }
    }

    // MARK: - What connections tell

    func didSend(_ count: Int) {
        tally.sent += count
        inFlight += count
        if schedule != nil { owed -= count }
    }

    /// A message that began then was answered.
    @inline(__always)
    func answered(_ began: Timestamp, at now: Timestamp) {
        tally.received += 1
        inFlight -= 1
        if began >= measuredFrom { tally.record(nanoseconds: now.nanoseconds - began.nanoseconds) }
    }

    func mistook(_ sentence: String) { tally.note(sentence) }

    /// What one read brought is dealt with.
    @inline(__always)
    func finishedReading() { if isStopping { tellIfIdle() } }

    func ended(_ connection: LoadConnection) {
        guard connections[connection.place] === connection else { return }
        connections[connection.place] = nil
        alive -= 1
        forget(inFlight: connection.inFlight, owed: connection.owed)
        if isStopping { tellIfIdle() }
        tellIfGone()
    }

    private func forget(inFlight lost: Int, owed missed: Int) {
        inFlight -= lost
        owed -= missed
        tally.unanswered += lost
        tally.unsent += missed
    }

    private func tellIfIdle() { if inFlight == 0, owed == 0, opening == 0 { note(.idle) } }

    private func tellIfGone() { if alive == 0, opening == 0 { note(.gone) } }

    // MARK: - The end

    /// What was counted since this was called before.
    func takeTally() -> Tally {
        defer { tally = Tally() }
        return tally
    }

    /// Begins no more messages after `end`, and tells when nothing is outstanding.
    func stop(at end: Timestamp) {
        endsAt = min(endsAt, end)
        sendDue(at: loop.clock)
        isStopping = true
        tellIfIdle()
    }

    /// Closes all connections, whatever is outstanding.
    func close() {
        isClosing = true
        if inFlight > 0 { tally.note("a message was not answered by the end", count: inFlight) }
        for connection in connections {
            guard let connection else { continue }
            forget(inFlight: connection.inFlight, owed: connection.owed)
            connection.close()
        }
        tellIfGone()
    }
}
