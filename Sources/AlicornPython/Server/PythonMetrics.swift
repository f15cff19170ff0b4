// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornMetrics
import AlicornProtocol
import AlicornTransport
import CPython

/// What a process counts, and shows to Prometheus (P-35). The type `Metrics` of the module.
final class PythonMetrics: EndpointObserver, @unchecked Sendable {
    // SAFETY: the observer is touched on the loop alone; all else is Sendable.
    let prometheus: PrometheusMetrics
    let server: ServerMetrics?
    let connections: EndpointMetrics?
    /// That of the one loop, while it has connections.
    private var loopObserver: LoopObserver?

    /// - Parameter worker: the worker's number, a label of all; `nil` for a process that is none.
    init(worker: Int?) {
        prometheus = PrometheusMetrics(constantLabels: worker.map { [("worker", "\($0)")] } ?? [])
        server = ServerMetrics(factory: prometheus)
        connections = EndpointMetrics(.server, factory: prometheus)
    }

    /// Who hears of a connection that is about to be opened. On the loop.
    func observer(on loop: ConnectionLoop) -> LoopObserver {
        if let loopObserver { return loopObserver }
        let made = LoopObserver(endpoint: self, loop: loop)
        loopObserver = made
        return made
    }

    var takesCounts: Bool { true }
    func take(_ counts: ConnectionCounts) { connections?.take(counts) }
    func isIdle(_ observer: LoopObserver) { loopObserver = nil }
    func didMeasure(latency: Duration) { connections?.didMeasure(latency: latency) }
    func didEnd(_ transport: any ConnectionTransport, _ closure: Closure) { connections?.didEnd(closure) }
}

/// The type as Python has it.
extension PythonMetrics {
    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<PythonMetrics>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Metrics",
            slots: NativeType<PythonMetrics>.memorySlots + [(Py_tp_new, address(of: new))],
            methods: [
                PyMethodDef("exposition", METH_O, exposition),
                PyMethodDef("merge", METH_O, merge),
                PyMethodDef("enter", METH_O, enter),
                PyMethodDef("start", METH_O, start),
            ])
    }

    static var object: Object { type.type }

    /// - Returns: `nil` for None.
    static func given(_ object: Object?) throws(PythonError) -> PythonMetrics? {
        guard let object else { return nil }
        guard object.type == type.type else { throw raise(PyExc_TypeError, "The metrics must be Metrics.") }
        return NativeType.state(of: object)
    }

    /// `Metrics(worker)`.
    private static let new: @convention(c) (Object?, Object?, Object?) -> Object? = { _, arguments, _ in
        guard let arguments, PyTuple_Size(arguments) == 1, let worker = PyTuple_GetItem(arguments, 0) else {
            PyErr_SetString(PyExc_TypeError, "Metrics() takes the number of the worker, or None.")
            return nil
        }
        let number = isNone(worker) ? nil : Int(PyLong_AsLongLong(worker))
        if number == -1, PyErr_Occurred() != nil { return nil }
        return try? type.make(PythonMetrics(worker: number))
    }

    private static let exposition: Method = { object, accept in
        let metrics: PythonMetrics = NativeType.state(of: object)
        do throws(PythonError) {
            let accept = accept.flatMap { isNone($0) ? nil : $0 }
            let (contentType, body) = metrics.prometheus.exposition(accept: try accept.map(string(of:)))
            let result = try Owned(PyTuple_New(2))
            PyTuple_SetItem(result.object, 0, try Owned(makeText(contentType)).give())
            PyTuple_SetItem(result.object, 1, try Owned(makeBytes(body.span)).give())
            return result.give()
        } catch {
            return nil
        }
    }

    private static let merge: Method = { _, expositions in
        var merged = MergedExposition()
        do throws(PythonError) {
            try expositions.unsafelyUnwrapped.forEach { exposition throws(PythonError) in
                let bytes = try BorrowedBytes(exposition, key: "exposition")
                merged.add([UInt8](copying: bytes.bytes))
            }
        } catch {
            return nil
        }
        let bytes = merged.bytes
        return makeBytes(bytes.span)
    }

    private static let enter: Method = { object, name in
        let metrics: PythonMetrics = NativeType.state(of: object)
        do throws(PythonError) {
            guard let state = LifespanState(rawValue: try string(of: name.unsafelyUnwrapped)) else {
                throw raise(PyExc_ValueError, "There is no such state of a lifespan.")
            }
            metrics.server?.didEnter(state)
        } catch {
            return nil
        }
        return returnedNone
    }

    private static let start: Method = { object, seconds in
        let metrics: PythonMetrics = NativeType.state(of: object)
        let seconds = PyFloat_AsDouble(seconds)
        if seconds == -1, PyErr_Occurred() != nil { return nil }
        metrics.server?.didStart(
            after: .nanoseconds(Int64(min(max(seconds, 0), 1e9) * 1e9)), at: .seconds(WallTime.now.unixSeconds))
        return returnedNone
    }
}
