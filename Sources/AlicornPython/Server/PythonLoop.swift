// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport
import CPython

/// Calls an application in Python: each call is a task of asyncio's. Confined to the loop's thread, which is asyncio's.
final class PythonLoop: ApplicationLoop {
    let loop: ConnectionLoop
    let host: PythonHost
    @exclusivity(unchecked) private var calls: [Object] = []
    @exclusivity(unchecked) private var place = Place.elsewhere
    /// Futures whose tasks are to be called.
    @exclusivity(unchecked) private var woken: [Object] = []
    /// Whether the server ends.
    private(set) var isLeaving = false

    /// Where in a turn of asyncio's loop we are.
    private enum Place {
        /// Who calls us next may be the loop, or a task.
        case elsewhere
        /// The loop itself has called us: no task is in the middle of a step, and one that begins, or is woken, may do its own.
        case top
        /// A task is in the middle of a step.
        case step
    }

    init(_ host: PythonHost, on loop: ConnectionLoop) {
        self.host = host
        self.loop = loop
    }

    deinit { for future in woken { Py_DecRef(future) } }

    var log: PythonLog { host.log }
    var scopes: ScopeFactory { host.scopes }
    var cancelsOnDisconnect: Bool { host.settings.cancelsOnDisconnect }
    var cancelledError: Object { host.asyncio.cancelledError }

    // MARK: - Calls

    func serve(_ exchange: HTTPExchange) { begin(HTTPCall(exchange, host: self)) }

    func serve(_ opening: WebSocketOpening) { begin(WebSocketCall(opening, host: self)) }

    private func begin(_ call: any Call) {
        do throws(PythonError) {
            let coroutine = try Coroutine.make(.call, call)
            call.index = calls.count
            // Asyncio keeps tasks weakly: who waits for something that nobody keeps would go.
            calls.append(Owned(sharing: coroutine.object).give())
            let task = try makeTask(of: coroutine.object, in: call.surroundings)
            call.runs(in: task)
            if cancelsOnDisconnect { call.watchClient() }
        } catch {
            PyErr_WriteUnraisable(host.application.object)
            Coroutine.didFail(call)
        }
    }

    private func makeTask(
        of coroutine: Object, in surroundings: Asyncio.Surroundings
    ) throws(PythonError) -> Owned {
        guard place == .top else { return try host.asyncio.makeTask(of: coroutine, in: surroundings) }
        place = .step
        defer { place = .top }
        return try host.asyncio.beginTask(of: coroutine, in: surroundings)
    }

    /// The call has ended.
    func forget(_ call: any Call) {
        guard call.index >= 0 else { return }
        let coroutine = calls[call.index]
        let last = calls.removeLast()
        if call.index < calls.count {
            calls[call.index] = last
            NativeType<Coroutine>.state(of: last).pointee.call.index = call.index
        }
        call.index = -1
        call.clear()
        Py_DecRef(coroutine)
    }

    func leave() { isLeaving = true }

    /// Cancels the tasks that run.
    func cut() {
        let running = calls.map { NativeType<Coroutine>.state(of: $0).pointee.call }
        for call in running { call.cancel(because: host.settings.cutMessage.object) }
    }

    // MARK: - Turns

    /// Does what asyncio has called us for: its loop, or, where we have called its transports, these.
    ///
    /// - Throws: what ends that loop.
    func atTop(_ body: () -> Void) throws(PythonError) {
        guard place == .elsewhere else { return body() }
        place = .top
        body()
        place = .elsewhere
        if !woken.isEmpty { try callWoken() }
    }

    /// Does something of an application's, and has what it sends go out.
    @inline(__always)
    func turn<Result>(_ body: () -> Result) -> Result {
        let before = place
        place = .step
        var result: Result?
        loop.turn { result = body() }
        place = before
        // SAFETY: a turn calls what it is given, once, before it returns.
        return result.unsafelyUnwrapped
    }

    // MARK: - Waking

    /// Has whoever waits for a future go on: before this turn of asyncio's loop ends if it has called us, else with its next,
    /// as then a task is in the middle of a step.
    func wake(_ future: Object) {
        if place == .top {
            woken.append(Owned(sharing: future).give())
        } else {
            report { () throws(PythonError) in try Future.callSoon(future) }
        }
    }

    /// Calls whoever was woken.
    ///
    /// - Throws: what ends the loop: all else that a task raises it keeps.
    private func callWoken() throws(PythonError) {
        place = .step
        defer { place = .elsewhere }
        var batch: [Object] = []
        swap(&batch, &woken)
        defer { for future in batch { Py_DecRef(future) } }
        for (index, future) in batch.enumerated() {
            do throws(PythonError) { try Future.call(future) } catch {
                var (type, value, traceback): (Object?, Object?, Object?) = (nil, nil, nil)
                PyErr_Fetch(&type, &value, &traceback)
                for rest in batch[index...] {
                    report { () throws(PythonError) in try Future.callSoon(rest) }
                }
                PyErr_Restore(type, value, traceback)
                throw error
            }
        }
    }

    private func report(_ body: () throws(PythonError) -> Void) {
        do throws(PythonError) { try body() } catch { PyErr_WriteUnraisable(host.application.object) }
    }
}
