// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import AlicornProtocol
import CLinux
import Synchronization

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A listening socket on the native engine: it accepts on the first loop, and hands connections to all of them in turn.
package final class NativeListener: @unchecked Sendable {
    // SAFETY: `acceptor` is touched on the first loop alone; the rest is constant or behind the mutex.
    private let acceptor: NativeAcceptor
    private let first: NativeLoops.Member
    private let state = Mutex(State())

    private struct State {
        var isClosing = false
        var isClosed = false
        var whenClosed: [CheckedContinuation<Void, Never>] = []
    }

    /// Accepts from `socket`, which it closes at the end.
    ///
    /// - Parameters:
    ///   - troubled: called when descriptors or memory have run out, or the socket listens no more; then every
    ///     ``AcceptTrouble/silence`` while it lasts.
    ///   - makeDriver: makes the driver of an accepted connection, on its loop.
    package init(
        _ socket: ListeningSocket, loops: NativeLoops, troubled: @escaping @Sendable (SystemFailure) -> Void,
        makeDriver: @escaping @Sendable (NativeConnection) -> any ConnectionDriver
    ) {
        first = loops.members[0]
        acceptor = NativeAcceptor(socket, loops.members, troubled, makeDriver)
        first.host.execute { [acceptor] in acceptor.start() }
    }

    /// Stops listening; accepted connections go on. When it is closed they are all on their loops.
    package func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard isFirst else { return }
        first.host.execute { [self] in acceptor.stop { [self] in didClose() } }
    }

    private func didClose() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.whenClosed = [] }
            return state.whenClosed
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until it is closed.
    package func waitUntilClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.whenClosed.append(continuation) }
                return state.isClosed
            }
            if isClosed { continuation.resume() }
        }
    }
}

/// What accepts, on its loop.
final class NativeAcceptor: AlarmedConnection, DescriptorOwner, @unchecked Sendable {
    // SAFETY: all is touched on the first loop's thread alone, but for constants that are Sendable.
    var alarmIndex: Int?
    private let socket: ListeningSocket
    private let members: [NativeLoops.Member]
    private var trouble: AcceptTrouble
    private let makeDriver: @Sendable (NativeConnection) -> any ConnectionDriver
    private var next = 0
    /// A descriptor to give up when there are no others, so that whoever waits can be told.
    private var reserve = NativeAcceptor.openReserve()
    /// Whether descriptors had run out when it last accepted.
    private var isStarved = false
    private var isStopped = false
    /// Called once, when the other loops have what they were handed.
    private var whenSettled: (() -> Void)?
    private var unsettled = 0

    /// How long a loop that does not move is waited for.
    private static let settlingTime = Duration.seconds(1)
    /// Connections taken in one go, before others have their turn.
    private static let batch = 64

    init(
        _ socket: ListeningSocket, _ members: [NativeLoops.Member],
        _ troubled: @escaping @Sendable (SystemFailure) -> Void,
        _ makeDriver: @escaping @Sendable (NativeConnection) -> any ConnectionDriver
    ) {
        self.socket = socket
        self.members = members
        trouble = AcceptTrouble(tell: troubled)
        self.makeDriver = makeDriver
    }

    private var first: NativeLoops.Member { members[0] }

    func start() { resume() }

    /// - Parameter settled: called when connections that were accepted are on their loops.
    func stop(settled: @escaping @Sendable () -> Void) {
        isStopped = true
        first.host.ignore(socket.descriptor)
        socket.close()
        closeDescriptor(reserve)
        whenSettled = settled
        unsettled = members.count
        first.loop.setAlarm(of: self, at: first.loop.now.advanced(by: Self.settlingTime))
        for member in members {
            member.host.execute { [self] in first.host.execute { [self] in didSettle() } }
        }
    }

    private func didSettle() {
        unsettled -= 1
        if unsettled == 0 { endSettling() }
    }

    private func endSettling() {
        first.loop.setAlarm(of: self, at: nil)
        whenSettled.take()?()
    }

    /// Somebody wants to connect.
    func descriptorIsReady() {
        for _ in 0..<Self.batch {
            do throws(SystemFailure) {
                guard try acceptNext() else { return }
                isStarved = false
            } catch {
                starve(error)
                return
            }
        }
    }

    /// - Returns: whether there may be more.
    private func acceptNext() throws(SystemFailure) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the call writes at most `length` bytes, which is the storage's size.
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = clinux_accept4(socket.descriptor, &storage, &length, flags)
        guard descriptor < 0 else {
            handOver(descriptor, remote: SocketEndpoint(storage, length: length))
            return true
        }
        switch errno {
        case EAGAIN: return false
        // What the network had against one connection, which is gone (accept(2), Error handling).
        case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET,
            EOPNOTSUPP:
            return true
        // Descriptors or memory have run out; or the socket listens no more, which it goes on telling.
        default: throw SystemFailure("accept4")
        }
    }

    private func handOver(_ descriptor: Int32, remote: SocketEndpoint) {
        let local = socket.endpoint.isWildcard ? .local(of: descriptor) ?? socket.endpoint : socket.endpoint
        let member = members[next]
        next = next + 1 < members.count ? next + 1 : 0
        if member.host === first.host {
            Self.start(descriptor, local, remote, on: member, makeDriver)
        } else {
            member.host.execute { [makeDriver] in Self.start(descriptor, local, remote, on: member, makeDriver) }
        }
    }

    private static func start(
        _ descriptor: Int32, _ local: SocketEndpoint, _ remote: SocketEndpoint, on member: NativeLoops.Member,
        _ makeDriver: (NativeConnection) -> any ConnectionDriver
    ) {
        NativeConnection.start(
            descriptor, local: local, remote: remote, host: member.host, loop: member.loop, makeDriver: makeDriver)
    }

    // MARK: - When there is nothing left

    /// Waits for descriptors to be given back. Clients wait too, in the kernel's queue; who has waited in vain is told, by
    /// being closed, instead of being left to their own time limits.
    private func starve(_ failure: SystemFailure) {
        if isStarved { shed() }
        isStarved = true
        let now = first.loop.now
        trouble.report(failure, at: now)
        first.host.park(socket.descriptor)
        first.loop.setAlarm(of: self, at: now.advanced(by: AcceptTrouble.pause))
    }

    private func shed() {
        guard reserve >= 0 else {
            reserve = Self.openReserve()
            return
        }
        closeDescriptor(reserve)
        for _ in 0..<Self.batch {
            let descriptor = clinux_accept4(socket.descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            guard descriptor >= 0 else { break }
            closeDescriptor(descriptor)
        }
        reserve = Self.openReserve()
    }

    private static func openReserve() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    func ring(at now: Timestamp) { if isStopped { endSettling() } else { resume() } }

    private func resume() {
        do throws(SystemFailure) {
            try first.host.watch(socket.descriptor, .input, for: self)
        } catch {
            starve(error)
        }
    }
}

#endif
