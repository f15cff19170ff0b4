// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A worker's end of what connects it with its supervisor: the sockets to accept from, and the supervisor's questions.
package final class WorkerLink: Sendable {
    /// Which of the workers this is, from 0. A successor has its predecessor's number.
    package let number: Int
    /// What the supervisor listens on; the worker accepts. To close them is to stop accepting: they stay open over there.
    package let sockets: [ListeningSocket]
    private let socket: LinkSocket
    private let pings: AsyncStream<Void>
    private let serves = Atomic<Bool>(false)

    /// The link to the supervisor that has started this process as a worker; `nil` when none has. When the supervisor
    /// goes before ``serve(isHealthy:)`` is called, the process exits at once.
    ///
    /// Call it once, before there are other threads: it takes the variable out of the environment, so that programs that
    /// the application starts are not taken for workers.
    ///
    /// - Parameter backlog: connections that the kernel keeps until they are accepted.
    package static func inherited(backlog: Int32) throws(ListeningFailure) -> WorkerLink? {
        guard let value = getenv(WorkerInheritance.variable) else { return nil }
        let inheritance = WorkerInheritance(String(cString: value))
        unsetenv(WorkerInheritance.variable)
        return try inheritance.map { (inheritance) throws(ListeningFailure) in try WorkerLink(inheritance, backlog) }
    }

    private init(_ inheritance: WorkerInheritance, _ backlog: Int32) throws(ListeningFailure) {
        number = inheritance.number
        socket = LinkSocket(inheritance.link)
        var sockets: [ListeningSocket] = []
        for descriptor in inheritance.listening {
            sockets.append(try ListeningSocket(.descriptor(descriptor), backlog: backlog))
            // The line above has made a copy that programs started from here do not get.
            close(descriptor)
        }
        self.sockets = sockets

        let (pings, note) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.pings = pings
        let socket = socket
        let source = DispatchSource.makeReadSource(
            fileDescriptor: socket.descriptor, queue: DispatchQueue(label: "alicorn.worker-link"))
        // The source keeps itself, this, and the descriptor open until the supervisor is gone: as long as there is work.
        source.setEventHandler {
            if let messages = socket.receive() {
                if messages.contains(.ping) { note.yield() }
            } else {
                // Nobody is served yet, and nobody is there who would end a start that hangs.
                if !self.serves.load(ordering: .relaxed) { _exit(SupervisorState.startUpFailure) }
                note.finish()
                source.cancel()
            }
        }
        source.activate()
    }

    /// Says that the worker serves, and answers the supervisor's questions, until the supervisor is gone or the task is
    /// cancelled. After it returns the worker has to end, as nobody looks after it any more.
    ///
    /// - Parameter isHealthy: whether everything that serves still moves. Who gives no answer, or `false`, for the time of
    ///   a health check is killed and replaced (U-MP-03). Called one at a time, twice a second.
    package func serve(isHealthy: @Sendable () async -> Bool) async {
        serves.store(true, ordering: .relaxed)
        socket.send(.ready)
        for await _ in pings where await isHealthy() { socket.send(.pong) }
    }
}
