// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import CPython

/// One call of the application: for a request, or for a WebSocket connection. Confined to the loop.
///
/// ```
/// begun ──▶ the task steps: the coroutine (``CallCoroutine``) drives the application's ──▶ ended
/// ```
class Call {
    let host: PythonLoop
    /// Where it stands among those of its host; below 0 when it has ended.
    var index = -1
    /// The task that drives it.
    var task: Object?
    /// Futures of who waits to receive, and to send.
    private var receivers: [Object] = []
    private var senders: [Object] = []

    init(host: PythonLoop) { self.host = host }

    deinit {
        // The collector may have ended it in the middle.
        for future in receivers + senders { Py_DecRef(future) }
        if let task { Py_DecRef(task) }
    }

    /// Calls the application.
    ///
    /// - Parameter coroutine: what drives the call.
    /// - Returns: the application's coroutine, or the iterator of another awaitable.
    func begin(in coroutine: Object) throws(PythonError) -> Owned {
        let scope = try makeScope()
        let receive = try Owned(PyCFunction_NewEx(EventFunctions.receive, coroutine, nil))
        let send = try Owned(PyCFunction_NewEx(EventFunctions.send, coroutine, nil))
        let returned = try Owned(
            PyObject_Vectorcall(host.host.application, [scope.object, receive.object, send.object], 3, nil))
        if PyType_GetSlot(returned.object.type, Int32(Py_am_send)) != nil { return returned }
        return try returned.object.call(Word.await.object)
    }

    // MARK: - What each kind does

    /// What context variables the application sees.
    var surroundings: Asyncio.Surroundings { .server }

    /// What the application is told of what it is called for.
    func makeScope() throws(PythonError) -> Owned { fatalError("each kind has its own") }

    /// The next event, if there is one.
    func next() throws(PythonError) -> Owned? { fatalError("each kind has its own") }

    /// Has ``becomeReadable()`` called once when there is one.
    func watchReadable() { fatalError("each kind has its own") }

    /// Sends an event, a dictionary.
    func send(_ event: Object) throws(PythonError) { fatalError("each kind has its own") }

    /// Goes on with what is being sent.
    ///
    /// - Returns: whether all of it is, and more is worth sending now.
    func goOn() throws(PythonError) -> Bool { fatalError("each kind has its own") }

    /// Has ``becomeWritable()`` called once when there may be room.
    func watchWritable() { fatalError("each kind has its own") }

    /// The application has returned.
    func returned() { fatalError("each kind has its own") }

    /// The application has failed, which the log says.
    func failed() { fatalError("each kind has its own") }

    /// Whether the client is gone: an OSError of the application's is no news then.
    var isDisconnected: Bool { fatalError("each kind has its own") }

    // MARK: - Waiting

    /// A future that is done when there may be an event.
    func waitReadable() throws(PythonError) -> Owned {
        let future = try host.makeFuture()
        if !receivers.isEmpty {
            var waiting: [Object] = []
            swap(&waiting, &receivers)
            receivers = Self.undone(waiting)
        }
        if receivers.isEmpty { watchReadable() }
        receivers.append(Owned(sharing: future.object).give())
        return future
    }

    /// A future that is done when there may be room.
    func waitWritable() throws(PythonError) -> Owned {
        let future = try host.makeFuture()
        if !senders.isEmpty {
            var waiting: [Object] = []
            swap(&waiting, &senders)
            senders = Self.undone(waiting)
        }
        if senders.isEmpty { watchWritable() }
        senders.append(Owned(sharing: future.object).give())
        return future
    }

    /// Without those that were cancelled: who tries again and again with a time limit leaves one each time.
    ///
    /// No list that the collector may look at is held meanwhile: it may come with any call of Python's.
    private static func undone(_ futures: [Object]) -> [Object] {
        futures.filter { future in
            let isDone = isDone(future)
            if isDone { Py_DecRef(future) }
            return !isDone
        }
    }

    private static func isDone(_ future: Object) -> Bool {
        do throws(PythonError) {
            let isDone = try future.call(Word.done.object)
            return isDone.object != alicorn_false()
        } catch {
            PyErr_WriteUnraisable(future)
            return true
        }
    }

    func becomeReadable() {
        var waiting: [Object] = []
        swap(&waiting, &receivers)
        Self.finish(waiting)
    }

    func becomeWritable() {
        var waiting: [Object] = []
        swap(&waiting, &senders)
        Self.finish(waiting)
    }

    /// Has all of them look again. One that was cancelled meanwhile is done.
    private static func finish(_ futures: [Object]) {
        for future in futures {
            let future = Owned(taking: future)
            if isDone(future.object) { continue }
            do throws(PythonError) { _ = try future.object.call(Word.setResult.object, none) } catch {
                PyErr_WriteUnraisable(future.object)
            }
        }
    }

    // MARK: - For the collector

    func traverse(_ visit: (Object) -> Int32) -> Int32 {
        for future in receivers + senders + [task].compactMap({ $0 }) {
            let result = visit(future)
            if result != 0 { return result }
        }
        return 0
    }

    /// Lets go of what refers to it.
    func clear() { if let task = task.take() { Py_DecRef(task) } }
}
