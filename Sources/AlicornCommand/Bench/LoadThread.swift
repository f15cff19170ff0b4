// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

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
    /// Those that were compressed, by their variants.
    private var compressed: [Int: LoadMessage] = [:]
    /// What is on its way to all, in a broadcast.
    let flow: BroadcastFlow?
    private let note: @Sendable (Note) -> Void
    /// Has the thread that sends a broadcast look whether it may go on.
    private let wakeSender: @Sendable () -> Void

    @exclusivity(unchecked) private(set) var tally = Tally()
    /// The connections by their places; `nil` for those that are gone.
    @exclusivity(unchecked) private var connections: [LoadConnection?] = []
    @exclusivity(unchecked) private(set) var alive = 0
    @exclusivity(unchecked) private var opening = 0
    @exclusivity(unchecked) private var begun = 0
    @exclusivity(unchecked) private var failed = 0
    @exclusivity(unchecked) private var everOpened = false
    /// Connections that were refused and are to be tried again.
    @exclusivity(unchecked) private var refused = 0
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
        flow: BroadcastFlow?, note: @escaping @Sendable (Note) -> Void, wakeSender: @escaping @Sendable () -> Void
    ) {
        self.number = number
        self.plan = plan
        self.target = target
        self.messages = messages
        self.engine = engine
        self.flow = flow
        self.note = note
        self.wakeSender = wakeSender
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

    /// Connections to open before there is load.
    private var wanted: Int {
        switch plan.mode {
        case .echo: plan.connections(onThread: number)
        case .handshake: 0
        case .broadcast: plan.connections(onThread: number) + (hasSender ? 1 : 0)
        }
    }

    /// Whether the first connection of this thread sends to all others, in a broadcast.
    private var hasSender: Bool { number == 0 }

    private func openMore() {
        while opening < openingLimit, begun < wanted, failed < openingLimit, !isStopping { dial() }
    }

    private func dial() {
        opening += 1
        begun += 1
        target.open(
            on: engine, opened: { [self] in opened($0, $1, begun: $2) }, failed: { [self] in openingFailed($0) })
    }

    private func opened(
        _ transport: any ConnectionTransport, _ agreement: ClientHandshake.Agreement, begun beginning: Timestamp
    ) -> any ConnectionDriver {
        let connection = makeConnection(transport, agreement.acceptedExtension?.transform)
        if connection.place == connections.count { connections.append(connection) }
        connections[connection.place] = connection
        alive += 1
        everOpened = true
        tally.opened += 1
        if plan.mode == .handshake { record(from: beginning, to: loop.clock) }
        if isClosing || plan.mode == .handshake { connection.close() }
        openingEnded()
        return connection
    }

    private func makeConnection(
        _ transport: any ConnectionTransport, _ transform: (any MessageTransform)?
    ) -> LoadConnection {
        // A run of handshakes has as many places as connections at once.
        let place = (plan.mode == .handshake ? connections.firstIndex { $0 == nil } : nil) ?? connections.count
        var role = LoadConnection.Role.echo
        if plan.mode == .broadcast {
            role = hasSender && place == 0 ? .sender : .receiver
            if role == .receiver { flow?.join() }
        }
        if plan.isCompressed, transform == nil {
            tally.note("the server did not agree to permessage-deflate without context takeover")
        }
        return LoadConnection(
            transport, thread: self, place: place, role: role, message: message(at: place, transform),
            transform: transform)
    }

    /// What the connection at that place sends. All receivers of a broadcast have to know the sender's.
    private func message(at place: Int, _ transform: (any MessageTransform)?) -> LoadMessage {
        let variant = plan.mode == .broadcast ? 0 : (place * plan.threads + number) % messages.count
        guard let transform else { return messages[variant] }
        let message = compressed[variant] ?? messages[variant].compressed(by: transform, pipeline: plan.pipeline)
        compressed[variant] = message
        return message
    }

    private func openingFailed(_ error: WebSocketError) {
        failed += 1
        tally.note(error.message)
        openingEnded()
        if plan.mode == .handshake { tryAgainLater() }
    }

    private func openingEnded() {
        opening -= 1
        openMore()
        if opening == 0 { tellIfRampedUp() }
        if isStopping { tellIfIdle() }
    }

    // MARK: - Opening and closing, over and over

    /// Opens the next connection, unless the time is over.
    private func dialAgain() { if isSending(at: loop.clock) { dial() } }

    /// When the server that has just refused a connection is asked for the next one.
    private static let pause = Duration.milliseconds(50)

    private func tryAgainLater() {
        // There is no such server.
        guard everOpened || failed < plan.connections(onThread: number) else {
            note(.gone)
            return
        }
        refused += 1
        loop.setAlarm(of: self, at: loop.clock.advanced(by: Self.pause))
    }

    private func askRefusers() {
        let count = refused
        refused = 0
        for _ in 0..<count { dialAgain() }
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
        if plan.mode == .handshake {
            for _ in 0..<plan.connections(onThread: number) { dialAgain() }
            return
        }
        guard let schedule, places > 0 else {
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
    var places: Int { plan.mode == .broadcast ? (hasSender ? 1 : 0) : connections.count }

    func ring(at now: Timestamp) {
        if plan.mode == .handshake {
            askRefusers()
            return
        }
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
            if let connection = connections[nextNumber % places] {
                connection.owed += 1
                owed += 1
            } else {
                tally.unsent += 1
            }
            nextNumber += 1
            nextDue = schedule.moment(of: nextNumber)
        }
        if nextDue >= endsAt { nextDue = Timestamp(nanoseconds: .max) }
        for number in first..<min(nextNumber, first + places) { connections[number % places]?.pump(at: now) }
    }

    /// Sends the next messages of a broadcast, if there is room for them.
    func pumpSender() {
        let now = loop.clock
        connections.first??.pump(at: now)
        if isStopping { tellIfIdle() }
    }

    // MARK: - What connections tell

    func didSend(_ count: Int) {
        tally.sent += count
        if flow == nil { inFlight += count }
        if schedule != nil { owed -= count }
    }

    /// A message that began then was answered.
    @inline(__always)
    func answered(_ began: Timestamp, at now: Timestamp) {
        tally.received += 1
        inFlight -= 1
        record(from: began, to: now)
    }

    /// One read has brought so many messages of a broadcast.
    func delivered(_ count: Int, at now: Timestamp) {
        tally.received += count
        guard let flow, flow.didReceive(count) else { return }
        letSenderGoOn()
    }

    /// Whether one more message may be on its way to all.
    var hasRoomForBroadcast: Bool { flow.map { $0.inFlight < plan.pipeline } ?? false }

    private func letSenderGoOn() { if hasSender { pumpSender() } else { wakeSender() } }

    /// Something took from then till now: it counts unless it began in the warm-up.
    @inline(__always)
    func record(from began: Timestamp, to now: Timestamp) {
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
        if connection.role == .receiver, let flow {
            tally.unanswered += flow.leave(received: connection.received)
            letSenderGoOn()
        }
        if !isClosing { forget(inFlight: connection.inFlight, owed: connection.owed) }
        if isStopping { tellIfIdle() }
        tellIfGone()
        if plan.mode == .handshake { dialAgain() }
    }

    private func forget(inFlight lost: Int, owed missed: Int) {
        inFlight -= lost
        owed -= missed
        tally.unanswered += lost
        tally.unsent += missed
    }

    private func tellIfIdle() {
        guard inFlight == 0, owed == 0, opening == 0 else { return }
        switch plan.mode {
        case .echo: note(.idle)
        case .handshake: if alive == 0 { note(.idle) }
        case .broadcast: if !hasSender || flow?.outstanding == 0 { note(.idle) }
        }
    }

    private func tellIfGone() {
        // Between two handshakes there is none, either.
        guard alive == 0 else { return }
        if isClosing || (opening == 0 && plan.mode != .handshake) { note(.gone) }
    }

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
        if hasSender, let missing = flow?.outstanding, missing > 0 {
            tally.note("a message did not come to a receiver by the end", count: missing)
        }
        for connection in connections {
            guard let connection else { continue }
            forget(inFlight: connection.inFlight, owed: connection.owed)
            connection.close()
        }
        tellIfGone()
    }
}
