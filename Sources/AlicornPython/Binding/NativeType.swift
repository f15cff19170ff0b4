// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// A type of ours, whose objects keep a `State` behind their head. Made once, when the module is.
struct NativeType<State> {
    let type: Object

    /// - Parameters:
    ///   - name: with the module's.
    ///   - slots: what its objects do. Without one for `__new__`, only we make them.
    ///   - methods: those of the objects.
    ///   - getters: their attributes.
    init(
        _ name: StaticString, slots: [(Int, UnsafeMutableRawPointer)], methods: [PyMethodDef] = [],
        getters: [PyGetSetDef] = []
    ) throws(PythonError) {
        var all = slots.map { PyType_Slot(slot: Int32($0.0), function: $0.1) }
        if !methods.isEmpty {
            all.append(PyType_Slot(slot: Int32(Py_tp_methods), function: kept(methods + [PyMethodDef()])))
        }
        if !getters.isEmpty {
            all.append(PyType_Slot(slot: Int32(Py_tp_getset), function: kept(getters + [PyGetSetDef()])))
        }
        all.append(PyType_Slot())
        var flags = TYPE_FLAG_DEFAULT | TYPE_FLAG_GC | TYPE_FLAG_IMMUTABLE
        if !slots.contains(where: { $0.0 == Py_tp_new }) { flags |= TYPE_FLAG_NO_INSTANCES }
        var specification = PyType_Spec(
            name: name.cString, size: Int32(known.headSize + MemoryLayout<State>.stride), item_size: 0,
            flags: UInt32(flags),
            slots: kept(all).assumingMemoryBound(to: PyType_Slot.self))
        type = try Owned(PyType_FromSpec(&specification)).give()
    }

    /// An object with its state. The collector knows it from now on, so there is no state that it cannot look at.
    func make(_ state: State) throws(PythonError) -> Object {
        let object = try Owned(PyType_GenericAlloc(type, 0)).give()
        Self.state(of: object).initialize(to: state)
        return object
    }

    /// - Precondition: the object is of this type.
    @inline(__always)
    static func state(of object: Object) -> UnsafeMutablePointer<State> {
        // SAFETY: the type was made with room for it there.
        (UnsafeMutableRawPointer(object) + known.headSize).assumingMemoryBound(to: State.self)
    }

    /// Ends the state and frees the object: what is left to do for a `tp_dealloc` that has untracked it.
    static func free(_ object: Object) {
        let type = object.type
        state(of: object).deinitialize(count: 1)
        PyObject_GC_Del(UnsafeMutableRawPointer(object))
        Py_DecRef(type)
    }
}

/// What a type does whose state is one object of Swift's, which refers to none of Python's that may refer to it.
extension NativeType where State: AnyObject {
    static var memorySlots: [(Int, UnsafeMutableRawPointer)] {
        [(Py_tp_dealloc, address(of: freeReference)), (Py_tp_traverse, address(of: traverseNothing))]
    }

    static func state(of object: Object?) -> State { state(of: object.unsafelyUnwrapped).pointee }
}

private let freeReference: @convention(c) (Object?) -> Void = { object in
    guard let object else { return }
    PyObject_GC_UnTrack(UnsafeMutableRawPointer(object))
    // SAFETY: the state is a reference, which is given back alike whatever its class.
    NativeType<AnyObject>.free(object)
}

private let traverseNothing: @convention(c) (Object?, visitproc?, UnsafeMutableRawPointer?) -> Int32 = {
    object, visit, argument in
    guard let object, let visit else { return 0 }
    // A type that was made so belongs to its objects (since 3.9).
    return visit(object.type, argument)
}

/// A method of an object's, or a function: called with what it belongs to, and with an argument if it takes one.
// SAFETY: what Python passes to those of ours is there wherever it is unwrapped without a look: none is called without an
// object, nor, by its flags, without the argument that it takes.
typealias Method = @convention(c) (Object?, Object?) -> Object?

/// What Python's tables have of a function.
func address<Function>(of function: Function) -> UnsafeMutableRawPointer {
    // SAFETY: a function of C's convention is its address, and whatever is of another size traps here.
    unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
}

extension PyMethodDef {
    init(_ name: StaticString, _ flags: Int, _ function: @escaping Method) {
        self.init(name, flags, address: address(of: function))
    }

    /// - Parameter address: of a function that is called in another way than ``Method``, which the flags say.
    init(_ name: StaticString, _ flags: Int, address: UnsafeMutableRawPointer) {
        self.init(name: name.cString, function: address, flags: Int32(flags), documentation: nil)
    }
}

/// A function by itself, whose definition stays.
func keptDefinition(_ method: PyMethodDef) -> UnsafeMutablePointer<PyMethodDef> {
    // SAFETY: that one was put there.
    kept([method]).assumingMemoryBound(to: PyMethodDef.self)
}

/// Memory that stays, as Python goes on pointing to it.
func kept<Element>(_ elements: [Element]) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
    memory.initialize(from: elements, count: elements.count)
    return UnsafeMutableRawPointer(memory)
}

extension StaticString {
    var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
