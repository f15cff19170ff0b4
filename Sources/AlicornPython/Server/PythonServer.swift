// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// A server of one application in Python, nested in the loop that asyncio runs: that watches one descriptor, and calls
/// ``poll()`` when there is something to do.
final class PythonServer {
    private let native: NativeLoop
    private let loop: ConnectionLoop
    private let server: ASGIServer
    private let host: PythonHost
    private var listeners: [NativeListener] = []
    private let describeTLS: Owned

    /// - Parameters:
    ///   - full: called when the limit on requests is reached.
    ///   - describeTLS: called with a transport of asyncio's, for what is told of its TLS.
    init(
        _ application: Object, _ asyncio: Object, _ settings: PythonSettings, _ log: PythonLog, full: Object,
        describeTLS: Object
    ) throws(PythonError) {
        do throws(SystemFailure) { (native, loop) = try NativeLoop.make() } catch {
            throw raise(PyExc_OSError, "\(error)")
        }
        host = try PythonHost(application, try Asyncio(asyncio), log, settings)
        let callback = Callback(full)
        self.describeTLS = Owned(sharing: describeTLS)
        server = ASGIServer(
            settings.configuration, log: log, host: host, events: settings.metrics?.server
        ) { callback() }
    }

    /// Somebody's function, to be called on the thread that Python runs on.
    private final class Callback: @unchecked Sendable {
        // SAFETY: all of a server's callbacks come on its loop, which is turned by asyncio's.
        private let function: Owned

        init(_ function: Object) { self.function = Owned(sharing: function) }

        func callAsFunction() {
            do throws(PythonError) { _ = try Owned(PyObject_CallNoArgs(function.object)) } catch {
                PyErr_WriteUnraisable(function.object)
            }
        }
    }

    /// Readable while ``poll()`` has something to do.
    var descriptor: Int32 { native.descriptor }

    /// Does what there is to be done, without waiting.
    ///
    /// - Throws: what ends asyncio's loop, which has to have called it.
    func poll() throws(PythonError) { try atTop { native.poll() } }

    private func atTop(_ body: () -> Void) throws(PythonError) {
        guard let top = host.loop else { return body() }
        try top.atTop(body)
    }

    /// Accepts from a socket that somebody has bound; the descriptor is the server's from now on.
    func listen(on descriptor: Int32) throws(PythonError) {
        let socket: ListeningSocket
        do throws(ListeningFailure) { socket = try ListeningSocket(.descriptor(descriptor)) } catch {
            throw raise(PyExc_OSError, "\(error)")
        }
        let log = host.log
        listeners.append(
            NativeListener(
                socket, loops: NativeLoops(turnedElsewhere: native, loop),
                troubled: { failure in
                    log.write(.warning, "No connections are accepted until others end (\(failure)).")
                },
                makeDriver: { [server, host] in Self.serve($0, by: server, for: host) }))
    }

    /// The connection's driver, and while the log is at debug what writes down all that passes (U-LG-16 to U-LG-20).
    private static func serve(
        _ transport: any ConnectionTransport, by server: ASGIServer, for host: PythonHost
    ) -> any ConnectionDriver {
        guard host.log.level <= .debug else { return server.accept(transport) }
        let (log, peer) = (host.log, "\(transport.remoteEndpoint)")
        return WireLog.makeDriver(
            on: transport, as: .server, limits: host.settings.webSocket.limits,
            writingTo: { log.write(.debug, "\($0) peer=\(peer)") }, { server.accept($0) })
    }

    /// Takes a connection that asyncio has accepted, and carries.
    func accept(_ transport: Object) throws(PythonError) -> AsyncioTransport {
        let descriptor = try Self.descriptor(of: transport)
        let tls = try Owned(PyObject_Vectorcall(describeTLS.object, [transport], 1, nil))
        let made = AsyncioTransport(
            transport, loop: loop, local: .local(of: descriptor) ?? .named(""),
            remote: .peer(of: descriptor) ?? .named(""), tls: isNone(tls.object) ? nil : tls.object)
        try turn { made.setDriver(Self.serve(made, by: server, for: host)) }
        return made
    }

    private static func descriptor(of transport: Object) throws(PythonError) -> Int32 {
        let name = try Owned(PyUnicode_InternFromString("get_extra_info"))
        let key = try Owned(PyUnicode_InternFromString("socket"))
        let socket = try transport.call(name.object, key.object)
        let descriptor = PyObject_AsFileDescriptor(socket.object)
        guard descriptor >= 0 else { throw PythonError() }
        return descriptor
    }

    /// Does what asyncio has called for, and has what comes of it go out.
    func turn(_ body: () -> Void) throws(PythonError) { try atTop { loop.turn(body) } }

    /// Accepts no more.
    func stopListening() {
        for listener in listeners { listener.close() }
        listeners = []
        native.poll()
    }

    /// Ends all connections in order (U-SG-05).
    func leave() {
        server.stop(with: CloseFrame(.serviceRestart)) {}
        native.poll()
    }

    /// Cuts what is left, and cancels the applications that run.
    func cut() {
        server.cut()
        native.poll()
        host.loop?.cut()
    }

    var connections: Int { server.connections }
    var running: Int { server.running }

    /// Lets go of what keeps it.
    func end() {
        server.forgetLoops()
        host.forgetLoop()
    }
}
