// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import AlicornTransport

#if canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A TCP port with a listening socket for each worker (SO_REUSEPORT), and a program in the kernel that says whose
/// connections are next.
///
/// SO_REUSEPORT alone gives connections to sockets from which nobody accepts just now: of a worker that starts, hangs,
/// waits to be restarted or is about to leave. The program leaves these out, so that nothing waits there in vain.
struct BalancedPort {
    private let host: String
    private var sockets: [ListeningSocket]

    /// - Parameter first: a socket that listens there alone; it is the first worker's.
    /// - Returns: `nil` where the kernel cannot do it; `first` is as good as before, for all workers.
    init?(_ first: ListeningSocket, host: String, workers: Int) {
        self.host = host
        sockets = [first]
        var isOn: Int32 = 1
        guard setsockopt(first.descriptor, SOL_SOCKET, SO_REUSEPORT, &isOn, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { return nil }
        do throws(ListeningFailure) { _ = try descriptor(for: max(workers, 2) - 1) } catch {
            close(from: 1)
            return nil
        }
        // The kernel makes the group when a second one listens.
        guard steer(to: Array(0..<max(workers, 1))) else {
            close(from: 1)
            return nil
        }
        close(from: max(workers, 1))
    }

    var endpoint: SocketEndpoint { sockets[0].endpoint }

    /// The socket of the worker with that number; up to there all get one that have none.
    mutating func descriptor(for number: Int) throws(ListeningFailure) -> Int32 {
        while sockets.count <= number {
            let next = try ListeningSocket(
                .tcp(host: host, port: endpoint.port ?? 0), reusesPort: true, backlog: sockets[0].backlog)
            // A name with several addresses may have led elsewhere.
            guard next.endpoint == endpoint else {
                next.close()
                throw .unknownHost("its addresses change")
            }
            sockets.append(next)
        }
        return sockets[number].descriptor
    }

    /// Closes the sockets of workers with this number and above. The last first, as the kernel moves its last one to the
    /// place of one that goes, and the program goes by places.
    mutating func close(from number: Int) {
        while sockets.count > number { sockets.removeLast().close() }
    }

    /// Gives new connections to these workers, one as likely as the other.
    ///
    /// - Returns: whether the kernel does.
    @discardableResult
    func steer(to numbers: [Int]) -> Bool {
        var program = PortProgram.choosing(among: numbers)
        return program.withUnsafeMutableBufferPointer { instructions in
            // SAFETY: the kernel copies the program during the call.
            var filter = PortProgram.Filter(
                count: UInt16(clamping: instructions.count), first: instructions.baseAddress)
            return setsockopt(
                sockets[0].descriptor, SOL_SOCKET, PortProgram.attach, &filter,
                socklen_t(MemoryLayout<PortProgram.Filter>.size)) == 0
        }
    }
}

#endif
