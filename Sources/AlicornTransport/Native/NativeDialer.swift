// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
package import AlicornProtocol

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Connects to servers on the native engine.
package enum NativeDialer {
    /// An address that gave no connection.
    package struct Attempt: Sendable {
        package let address: SocketEndpoint
        package let failure: SystemFailure
    }

    /// Connects to the first of some addresses that takes it, one after the other. Waits for nothing. On the loop's thread.
    ///
    /// - Parameters:
    ///   - deadline: when there must be a connection.
    ///   - failed: called at most once, with all that was tried, and then `makeDriver` is not. On the loop's thread.
    ///   - makeDriver: makes the connection's driver, on the loop's thread, before anything is read.
    package static func connect(
        to addresses: [SocketEndpoint], on member: NativeLoops.Member, deadline: Timestamp,
        failed: @escaping ([Attempt]) -> Void,
        makeDriver: @escaping (NativeConnection) -> any ConnectionDriver
    ) {
        NativeDial(addresses, member, deadline, failed, makeDriver).tryNext()
    }
}

/// A connection that is coming about. Its loop keeps it: as what waits for the descriptor, or for the alarm.
private final class NativeDial: AlarmedConnection, DescriptorOwner {
    var alarmIndex: Int?
    private let member: NativeLoops.Member
    private var addresses: ArraySlice<SocketEndpoint>
    private var attempts: [NativeDialer.Attempt] = []
    private let deadline: Timestamp
    private let failed: ([NativeDialer.Attempt]) -> Void
    private let makeDriver: (NativeConnection) -> any ConnectionDriver
    /// The socket that the loop watches for being connected.
    private var descriptor: Int32?

    /// When a Unix socket whose queue is full is tried again: nobody tells when it has room.
    private static let pause = Duration.milliseconds(10)

    init(
        _ addresses: [SocketEndpoint], _ member: NativeLoops.Member, _ deadline: Timestamp,
        _ failed: @escaping ([NativeDialer.Attempt]) -> Void,
        _ makeDriver: @escaping (NativeConnection) -> any ConnectionDriver
    ) {
        self.addresses = addresses[...]
        self.member = member
        self.deadline = deadline
        self.failed = failed
        self.makeDriver = makeDriver
    }

    func tryNext() {
        while let address = addresses.first {
            do throws(SystemFailure) {
                try begin(address)
                return
            } catch {
                note(error)
            }
        }
        fail()
    }

    private func begin(_ address: SocketEndpoint) throws(SystemFailure) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = try OwnedDescriptor(openSocket(address.family, type), from: "socket")
        if address.port != nil {
            var isOn: Int32 = 1
            setsockopt(socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
        if address.withSystemForm({ connectSocket(socket.number, $0, $1) }) == 0 {
            start(socket.release(), address)
            return
        }
        switch errno {
        case EINPROGRESS, EINTR:
            try member.host.watch(socket.number, .output, for: self)
            descriptor = socket.release()
            member.loop.setAlarm(of: self, at: deadline)
        case EAGAIN:
            member.loop.setAlarm(of: self, at: min(deadline, member.loop.now.advanced(by: Self.pause)))
        default: throw SystemFailure("connect")
        }
    }

    func descriptorIsReady() {
        guard let descriptor, let address = addresses.first else { return }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        // What is heard may be about another one, that had the same number before.
        guard number != 0 || SocketEndpoint.peer(of: descriptor) != nil else { return }
        self.descriptor = nil
        member.host.ignore(descriptor)
        if number == 0 {
            start(descriptor, address)
            return
        }
        closeDescriptor(descriptor)
        note(SystemFailure("connect", number))
        member.loop.turn { tryNext() }
    }

    func ring(at now: Timestamp) {
        guard now >= deadline else {
            tryNext()
            return
        }
        if let descriptor {
            member.host.ignore(descriptor)
            closeDescriptor(descriptor)
        }
        note(SystemFailure("connect", ETIMEDOUT))
        fail()
    }

    private func start(_ descriptor: Int32, _ remote: SocketEndpoint) {
        member.loop.setAlarm(of: self, at: nil)
        NativeConnection.start(
            descriptor, local: .local(of: descriptor) ?? .named("unknown"), remote: remote, host: member.host,
            loop: member.loop, makeDriver: makeDriver)
    }

    private func note(_ failure: SystemFailure) {
        guard let address = addresses.popFirst() else { return }
        attempts.append(NativeDialer.Attempt(address: address, failure: failure))
    }

    private func fail() {
        member.loop.setAlarm(of: self, at: nil)
        failed(attempts)
    }
}

private func openSocket(_ family: Int32, _ type: Int32) -> Int32 { socket(family, type, 0) }

private func connectSocket(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

#endif
