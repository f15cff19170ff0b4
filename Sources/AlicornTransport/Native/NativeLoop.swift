// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
package import AlicornProtocol
import CLinux
import Synchronization

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Who waits for a descriptor that is no connection.
protocol DescriptorOwner: AnyObject {
    /// It is ready, or was a moment ago. On the loop's thread.
    func descriptorIsReady()
}

/// An event loop on epoll: it reads what has come, lets the connections work, and writes what they answer.
///
/// It is turned by a thread of its own (``NativeLoops``), or from outside: whoever has a loop already watches
/// ``descriptor`` for input and calls ``poll()`` when there is some, always on the same thread.
package final class NativeLoop: LoopHost, @unchecked Sendable {
    // SAFETY: what is not constant is touched on the loop's thread alone, but for the atomics and what is behind the mutex.
    /// The loop that is turned. It keeps its host, not the other way round: with the last connection and listener it goes,
    /// and ends the thread. (A weak reference would slow down whatever else counts references to it.)
    // SAFETY: not `nil` means alive: who is about to free it comes to ``loopIsGone()`` before, which waits for `turning`.
    private var connectionLoop: Unmanaged<ConnectionLoop>?
    /// Held while the loop is turned.
    private let turning = Mutex(())
    private let epoll: Epoll
    private let wakeUp: OwnedDescriptor
    private let timer: OwnedDescriptor
    private let thread = Atomic<UInt>(0)
    private let hasEnded = Atomic<Bool>(false)
    private let mail = Mutex<[@Sendable () -> Void]>([])

    private let events: UnsafeMutableBufferPointer<epoll_event>
    /// Into which all connections read; nothing of it outlives a call.
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// The connections, by their descriptors. Unmanaged, as each event would count references twice otherwise.
    // SAFETY: ``watch(_:for:)`` retains what ``ignore(_:)`` releases; until the end of the turn `closed` has it then.
    @exclusivity(unchecked) private var connections: [Unmanaged<NativeConnection>?] = []
    /// Who waits for the descriptors that are no connections.
    @exclusivity(unchecked) private var waiting: [Int32: any DescriptorOwner] = [:]
    @exclusivity(unchecked) private var generation: UInt32 = 0
    /// Connections that are closed and have yet to hear of it.
    @exclusivity(unchecked) private var closed: [NativeConnection] = []
    /// Bytes for peers that are gone, whose memory has not been given back to the system.
    @exclusivity(unchecked) private var dropped = 0
    @exclusivity(unchecked) private var isPolling = false
    /// Whether another turn is due at once.
    @exclusivity(unchecked) private var needsTurn = false
    @exclusivity(unchecked) private var polledAt = Timestamp(nanoseconds: 0)

    /// What one call handles before whoever turns the loop has its chance.
    private static let maximumEvents = 256
    private static let inputSize = 256 * 1024
    /// Dropped bytes that are worth the milliseconds of giving memory back.
    private static let droppedLimit = 16 * 1024 * 1024

    private init() throws(SystemFailure) {
        epoll = try Epoll()
        wakeUp = try OwnedDescriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), from: "eventfd")
        timer = try OwnedDescriptor(
            timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK)), from: "timerfd_create")
        events = .allocate(capacity: Self.maximumEvents)
        input = .allocate(capacity: Self.inputSize)
        try epoll.add(wakeUp.number, .input, token: Self.token(of: wakeUp.number, generation: 0))
        try epoll.add(timer.number, .input, token: Self.token(of: timer.number, generation: 0))
    }

    deinit {
        events.deallocate()
        input.deallocate()
    }

    /// Makes a loop for somebody to turn.
    package static func make() throws(SystemFailure) -> (host: NativeLoop, loop: ConnectionLoop) {
        let host = try NativeLoop()
        let loop = ConnectionLoop(host: host)
        host.connectionLoop = .passUnretained(loop)
        return (host, loop)
    }

    // MARK: - Turning

    /// Becomes readable when ``poll()`` has something to do.
    package var descriptor: Int32 { epoll.descriptor }

    /// Does what is to be done, at most for ``maximumEvents`` descriptors, without waiting. Always on the same thread.
    package func poll() {
        thread.store(Self.currentThread, ordering: .relaxed)
        handle(epoll.wait(into: events, blocks: false))
        if needsTurn { signal() }
    }

    /// Turns the loop until nobody needs it any more: what its thread does.
    func run() {
        while !hasEnded.load(ordering: .acquiring) { handle(epoll.wait(into: events, blocks: !needsTurn)) }
    }

    func belongs(to thread: UInt) { self.thread.store(thread, ordering: .relaxed) }

    private func handle(_ count: Int) {
        turning.withLock { _ in
            guard let loop = connectionLoop?.takeUnretainedValue() else { return }
            handle(count, loop)
        }
    }

    private func handle(_ count: Int, _ loop: ConnectionLoop) {
        polledAt = Self.monotonicClock
        isPolling = true
        for index in 0..<count { dispatch(events[index], loop) }
        if needsTurn {
            needsTurn = false
            loop.turn()
        }
        tellClosed()
        if dropped > Self.droppedLimit { giveMemoryBack() }
        isPolling = false
    }

    private func dispatch(_ event: epoll_event, _ loop: ConnectionLoop) {
        let descriptor = Int32(truncatingIfNeeded: event.data.u64)
        if Int(descriptor) < connections.count, let connection = connections[Int(descriptor)] {
            // SAFETY: it stays alive until the end of the turn, as said above.
            connection._withUnsafeGuaranteedRef { connection in
                guard connection.token == event.data.u64 else { return }
                connection.isReady(Epoll.Interest(rawValue: event.events), host: self, loop: loop)
            }
        } else if descriptor == wakeUp.number {
            takeMail()
        } else if descriptor == timer.number {
            takeAlarm(loop)
        } else {
            waiting[descriptor]?.descriptorIsReady()
        }
    }

    private func takeMail() {
        drain(wakeUp.number)
        let letters = mail.withLock { mail in
            defer { mail = [] }
            return mail
        }
        for letter in letters { letter() }
        needsTurn = true
    }

    private func takeAlarm(_ loop: ConnectionLoop) {
        drain(timer.number)
        loop.alarmRang()
    }

    /// Eventfd and timerfd both hand out a number, and are quiet then.
    private func drain(_ descriptor: Int32) {
        var number: UInt64 = 0
        _ = read(descriptor, &number, MemoryLayout<UInt64>.size)
    }

    private func tellClosed() {
        while !closed.isEmpty {
            var told: [NativeConnection] = []
            swap(&told, &closed)
            for connection in told { connection.tellClosed() }
        }
    }

    /// Some peers that do not read can make a server hold hundreds of megabytes for a moment. The allocator would keep them
    /// for ever, as what else was allocated meanwhile lies behind them.
    private func giveMemoryBack() {
        dropped = 0
        #if canImport(Glibc)
        _ = clinux_malloc_trim(0)
        #endif
    }

    // MARK: - For the connection loop

    package var isCurrent: Bool { thread.load(ordering: .relaxed) == Self.currentThread }

    /// While the loop polls, the moment when it began to.
    package var now: Timestamp { isPolling ? polledAt : Self.monotonicClock }

    package var clock: Timestamp { Self.monotonicClock }

    package var unixSeconds: Int64 { Int64(time(nil)) }

    package func wake() {
        if isCurrent, isPolling { needsTurn = true } else { signal() }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wakeUp.number, &one, MemoryLayout<UInt64>.size)
    }

    package func setAlarm(at deadline: Timestamp?) {
        var setting = itimerspec()
        if let deadline {
            // Zero would mean never.
            let nanoseconds = max(1, deadline.nanoseconds)
            setting.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
            setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        timerfd_settime(timer.number, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    package func loopIsGone() {
        // On the loop's own thread it goes at the end of a turn, which holds the lock.
        if isCurrent { connectionLoop = nil } else { turning.withLock { _ in connectionLoop = nil } }
        hasEnded.store(true, ordering: .releasing)
        signal()
    }

    /// Runs `body` on the loop's thread, soon. From any thread.
    package func execute(_ body: @escaping @Sendable () -> Void) {
        let wasEmpty = mail.withLock { mail in
            defer { mail.append(body) }
            return mail.isEmpty
        }
        if wasEmpty { signal() }
    }

    private static var currentThread: UInt { UInt(pthread_self()) }

    private static var monotonicClock: Timestamp {
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        return Timestamp(nanoseconds: Int64(moment.tv_sec) &* 1_000_000_000 &+ Int64(moment.tv_nsec))
    }

    // MARK: - For what is watched, on the loop's thread

    /// Watches `descriptor` for input to `connection`, which is kept until ``ignore(_:)``.
    ///
    /// - Returns: what tells it from others that had the same descriptor before.
    func watch(_ descriptor: Int32, for connection: NativeConnection) throws(SystemFailure) -> UInt64 {
        generation &+= 1
        let token = Self.token(of: descriptor, generation: generation)
        try epoll.add(descriptor, .input, token: token)
        let index = Int(descriptor)
        if index >= connections.count {
            connections.append(contentsOf: repeatElement(nil, count: index + 64 - connections.count))
        }
        connections[index] = .passRetained(connection)
        return token
    }

    /// Watches a descriptor that is no connection, or none yet, for its owner, who is kept until ``ignore(_:)``.
    func watch(
        _ descriptor: Int32, _ interest: Epoll.Interest, for owner: any DescriptorOwner
    ) throws(SystemFailure) {
        try unpark(descriptor, interest, token: Self.token(of: descriptor, generation: 0))
        waiting[descriptor] = owner
    }

    func change(_ descriptor: Int32, _ interest: Epoll.Interest, token: UInt64) throws(SystemFailure) {
        try epoll.change(descriptor, interest, token: token)
    }

    /// Goes on keeping the owner, but hears nothing of the descriptor.
    func park(_ descriptor: Int32) { epoll.remove(descriptor) }

    func unpark(_ descriptor: Int32, _ interest: Epoll.Interest, token: UInt64) throws(SystemFailure) {
        try epoll.add(descriptor, interest, token: token)
    }

    /// Forgets the owner of a descriptor that is about to be closed.
    func ignore(_ descriptor: Int32) {
        // Closing does not end the watch while another process has a copy, as one that was forked has: the kernel would go
        // on telling, and nobody could stop it (epoll(7), Q6).
        epoll.remove(descriptor)
        waiting[descriptor] = nil
        guard connections.indices.contains(Int(descriptor)), let connection = connections[Int(descriptor)] else {
            return
        }
        connections[Int(descriptor)] = nil
        // It hears of it when whoever closed it is done.
        closed.append(connection.takeRetainedValue())
        if !isPolling { signal() }
    }

    /// A connection was cut that had so much to write.
    func didDrop(_ count: Int) { dropped += count }

    /// Reads what a socket has, as much as goes into the loop's buffer, and not more than `limit`.
    ///
    /// - Returns: how many bytes were read, 0 at the end, or less with `errno`.
    @inline(__always)
    func receive(from descriptor: Int32, atMost limit: Int, _ body: (inout MutableSpan<UInt8>) -> Void) -> Int {
        let count = recv(descriptor, input.baseAddress, min(limit, input.count), 0)
        guard count > 0 else { return count }
        // SAFETY: the call has filled that many bytes, and no more than there are.
        var span = UnsafeMutableBufferPointer(start: input.baseAddress, count: count).mutableSpan
        body(&span)
        return count
    }

    private static func token(of descriptor: Int32, generation: UInt32) -> UInt64 {
        UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }
}

#endif
