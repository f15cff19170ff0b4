// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import CLinux
import Synchronization

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Loops on threads of their own, which end when nobody has a loop any more: neither a listener, nor a connection.
package struct NativeLoops: Sendable {
    package struct Member: Sendable {
        package let host: NativeLoop
        package let loop: ConnectionLoop
    }

    package let members: [Member]

    /// Starts as many threads.
    package init(threads: Int) throws(SystemFailure) {
        var members: [Member] = []
        for number in 0..<max(1, threads) {
            let (host, loop) = try NativeLoop.make()
            try Self.startThread(named: "alicorn-\(number)", for: host)
            members.append(Member(host: host, loop: loop))
        }
        self.members = members
    }

    /// One loop, which somebody else turns.
    package init(turnedElsewhere host: NativeLoop, _ loop: ConnectionLoop) {
        members = [Member(host: host, loop: loop)]
    }

    /// Those that the servers of the process share, one for each core; they stay.
    package static func shared() throws(SystemFailure) -> Self {
        try common.withLock { common throws(SystemFailure) in
            if let common { return common }
            let loops = try Self(threads: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            common = loops
            return loops
        }
    }

    private static let common = Mutex<Self?>(nil)

    private static func startThread(named name: String, for host: NativeLoop) throws(SystemFailure) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(host)
        let status = pthread_create(
            &thread, nil,
            { context in
                // SAFETY: the thread was given the reference that was retained for it.
                let host = Unmanaged<NativeLoop>.fromOpaque(context!).takeRetainedValue()
                host.belongs(to: UInt(pthread_self()))
                becomeUncancellable()
                host.run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw SystemFailure("pthread_create", status)
        }
        _ = clinux_setname(thread, name)
        pthread_detach(thread)
    }
}

/// Nobody cancels the thread. To the C library that has to be said in two ways: with both, its calls of the system do
/// without the locked instructions that prepare for it.
private func becomeUncancellable() {
    pthread_setcancelstate(Int32(PTHREAD_CANCEL_DISABLE), nil)
    pthread_setcanceltype(Int32(PTHREAD_CANCEL_ASYNCHRONOUS), nil)
}

#endif
