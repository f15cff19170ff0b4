// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import CPython

/// A call of the application: for a request, or for a WebSocket connection. Confined to the loop.
///
/// ```
/// begun ──▶ the task steps: the coroutine (``Coroutine``) drives the application's ──▶ ended
/// ```
protocol Call: CallState {
    /// What context variables the application sees.
    var surroundings: Asyncio.Surroundings { get }
    /// Who is called.
    var application: Object { get }
    /// What the application is told of what it is called for.
    func makeScope() throws(PythonError) -> Owned

    /// The next event, if there is one.
    func next() throws(PythonError) -> Owned?
    /// Has ``CallState/becomeReadable()`` called when there is one.
    func watchReadable()

    /// Sends an event, a dictionary.
    func send(_ event: Object) throws(PythonError)
    /// Goes on with what is being sent.
    func goOn() throws(PythonError) -> Progress
    /// Has ``CallState/becomeWritable()`` called when there may be room.
    func watchWritable()

    /// Whether the client is gone: an OSError of the application's is no news then.
    var isDisconnected: Bool { get }
    /// Has ``CallState/cancel(because:)`` called when the client goes while the application neither receives nor sends.
    func watchClient()
    /// The application has returned.
    func returned()
    /// The application has failed, which the log says.
    func failed()
}

/// How far what is sent has come.
enum Progress {
    /// All of it is, and more is worth sending now.
    case done
    /// There is no room.
    case blocked
    /// There is room for more of it, but others should have a turn.
    case unfinished
}

extension Call {
    var application: Object { host.host.application.object }

    /// Calls the application.
    ///
    /// - Parameter coroutine: what drives the call.
    /// - Returns: the application's coroutine, or the iterator of another awaitable.
    func begin(in coroutine: Object) throws(PythonError) -> Owned {
        let scope = try makeScope()
        let receive = try Owned(PyCFunction_NewEx(EventFunctions.receive, coroutine, nil))
        let send = try Owned(PyCFunction_NewEx(EventFunctions.send, coroutine, nil))
        let returned = try Owned(
            PyObject_Vectorcall(
                application, [scope.object, receive.object, send.object], 3, nil))
        if PyType_GetSlot(returned.object.type, Int32(Py_am_send)) != nil { return returned }
        return try returned.object.call(Word.await.object)
    }

    /// A future that is done when there may be an event.
    func waitReadable() throws(PythonError) -> Owned {
        inARow = 0
        let future = try Future.make(host)
        receivers = receivers.take().undone()
        if receivers.isEmpty { watchReadable() }
        receivers.add(future.object)
        return future
    }

    /// A future that is done when there may be room.
    func waitWritable() throws(PythonError) -> Owned {
        inARow = 0
        let future = try Future.make(host)
        senders = senders.take().undone()
        if senders.isEmpty { watchWritable() }
        senders.add(future.object)
        return future
    }
}

/// What there is of each call: its task, and who waits. Confined to the loop.
class CallState {
    let host: PythonLoop
    /// Where it stands among those of its host; below 0 when it has ended.
    @exclusivity(unchecked) var index = -1
    /// The task that drives it.
    @exclusivity(unchecked) private var task: Object?
    /// Events that the application had one after the other, none of which it had to wait for.
    @exclusivity(unchecked) fileprivate var inARow = 0
    /// Futures of who waits to receive, and to send.
    @exclusivity(unchecked) fileprivate var receivers = Waiters()
    @exclusivity(unchecked) fileprivate var senders = Waiters()

    init(host: PythonLoop) { self.host = host }

    deinit {
        // The collector may have ended it in the middle.
        receivers.forEach { Py_DecRef($0) }
        senders.forEach { Py_DecRef($0) }
        if let task { Py_DecRef(task) }
    }

    /// Keeps the task, unless it has ended.
    func runs(in task: consuming Owned) { if index >= 0 { self.task = task.give() } }

    /// So many events are an application's before others should have a turn: each may be there, or go out, at once.
    private static let mostInARow = 256

    /// Counts an event.
    ///
    /// - Returns: whether others should have a turn first.
    func mustYield() -> Bool {
        inARow += 1
        guard inARow > Self.mostInARow else { return false }
        inARow = 0
        return true
    }

    /// Whether the application waits to receive, or to send.
    var isAwaited: Bool { !receivers.isEmpty || !senders.isEmpty }

    func becomeReadable() {
        if !receivers.isEmpty { receivers.take().finish() }
    }

    func becomeWritable() {
        if !senders.isEmpty { senders.take().finish() }
    }

    /// Cancels the task, which hears why.
    func cancel(because message: Object) {
        guard let task else { return }
        let kept = Owned(sharing: task)
        do throws(PythonError) { _ = try kept.object.call(Word.cancel.object, message) } catch {
            PyErr_WriteUnraisable(kept.object)
        }
    }

    // MARK: - For the collector

    func traverse(_ visit: (Object) -> Int32) -> Int32 {
        var result = task.map(visit) ?? 0
        let look: (Object) -> Void = { if result == 0 { result = visit($0) } }
        receivers.forEach(look)
        senders.forEach(look)
        return result
    }

    /// Lets go of what refers to it.
    func clear() { if let task = task.take() { Py_DecRef(task) } }
}
