// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import CLinux

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The descriptors that a loop watches, level-triggered (epoll(7)).
struct Epoll: ~Copyable {
    private let owned: OwnedDescriptor

    /// What to be told of a descriptor; the kernel tells of errors and of the end of both directions in any case.
    struct Interest: OptionSet {
        let rawValue: UInt32

        static let input = Self(rawValue: EPOLLIN.rawValue)
        static let output = Self(rawValue: EPOLLOUT.rawValue)
        static let error = Self(rawValue: EPOLLERR.rawValue)
        static let hangUp = Self(rawValue: EPOLLHUP.rawValue)
    }

    init() throws(SystemFailure) {
        owned = try OwnedDescriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "epoll_create1")
    }

    /// Readable while anything that is watched is ready.
    var descriptor: Int32 { owned.number }

    func add(_ watched: Int32, _ interest: Interest, token: UInt64) throws(SystemFailure) {
        try control(EPOLL_CTL_ADD, watched, interest, token)
    }

    func change(_ watched: Int32, _ interest: Interest, token: UInt64) throws(SystemFailure) {
        try control(EPOLL_CTL_MOD, watched, interest, token)
    }

    func remove(_ watched: Int32) { _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil) }

    private func control(
        _ operation: Int32, _ watched: Int32, _ interest: Interest, _ token: UInt64
    ) throws(SystemFailure) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        guard epoll_ctl(descriptor, operation, watched, &event) == 0 else { throw SystemFailure("epoll_ctl") }
    }

    /// Waits until something is ready, or not at all.
    ///
    /// - Returns: how many events were put into `events`.
    func wait(into events: UnsafeMutableBufferPointer<epoll_event>, blocks: Bool) -> Int {
        max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), blocks ? -1 : 0)))
    }
}

#endif
