// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What of a connection's last request serves for the next one.
final class ConnectionScope {
    let template: Object
    private let client: SocketEndpoint
    private let isSecure: Bool
    private var fields: HeaderFields?
    private var target: String?
    private(set) var headers: Object?
    private(set) var path: Object?
    private(set) var rawPath: Object?
    private(set) var query: Object?

    init(_ request: RequestScope, _ template: consuming Owned) {
        self.template = template.give()
        client = request.client
        isSecure = request.isSecure
    }

    deinit {
        for object in [template, headers, path, rawPath, query] {
            if let object { Py_DecRef(object) }
        }
    }

    /// Whether the request comes from the same client: behind a proxy the next may be another's.
    func isFor(_ request: RequestScope) -> Bool { request.client == client && request.isSecure == isSecure }

    /// Makes what is not as it was.
    func update(_ head: RequestHead, _ request: RequestScope, names: FieldNames) throws(PythonError) {
        if fields.map({ head.fields.isWritten(as: $0) }) != true {
            replace(\.headers, by: try Self.list(of: head.fields, names))
            fields = head.fields
        }
        if head.target != target {
            replace(\.path, by: try Owned(makeText(request.path)))
            replace(\.rawPath, by: try Self.bytes(of: request.rawPath))
            let query = request.queryString
            replace(\.query, by: query.isEmpty ? Owned(sharing: known.emptyBytes!) : try Self.bytes(of: String(query)))
            target = head.target
        }
    }

    private func replace(_ place: ReferenceWritableKeyPath<ConnectionScope, Object?>, by new: consuming Owned) {
        let old = self[keyPath: place]
        self[keyPath: place] = new.give()
        if let old { Py_DecRef(old) }
    }

    private static func bytes(of text: String) throws(PythonError) -> Owned {
        var text = text
        return try Owned(
            text.withUTF8 {
                $0.withMemoryRebound(to: CChar.self) { PyBytes_FromStringAndSize($0.baseAddress, $0.count) }
            })
    }

    /// The fields as tuples of bytes, with names in lower case (A-HS-11).
    private static func list(of fields: HeaderFields, _ names: FieldNames) throws(PythonError) -> Owned {
        let list = try Owned(PyList_New(fields.count))
        for index in 0..<fields.count {
            let tuple = try Owned(PyTuple_New(2))
            fields.withField(at: index) { name, value in
                PyTuple_SetItem(tuple.object, 0, names.object(for: name))
                PyTuple_SetItem(tuple.object, 1, makeBytes(value))
            }
            PyList_SetItem(list.object, index, tuple.give())
        }
        return list
    }
}

/// The names of header fields that came last, as bytes in lower case: most are a few well-known ones.
final class FieldNames {
    private var objects: [Object?] = Array(repeating: nil, count: 128)

    private static let longestName = 64

    /// A reference to the name.
    func object(for name: Span<UInt8>) -> Object? {
        guard name.count <= Self.longestName else {
            return Self.lowercased(name) { PyBytes_FromStringAndSize($0, name.count) }
        }
        let place = (name.count &* 31 &+ Int(name[0] | 0x20) &* 7 &+ Int(name[name.count - 1] | 0x20)) & 127
        return Self.lowercased(name) { lowercased in
            if let object = objects[place], PyBytes_Size(object) == name.count,
                memcmp(PyBytes_AsString(object), lowercased, name.count) == 0
            {
                Py_IncRef(object)
                return object
            }
            guard let made = PyBytes_FromStringAndSize(lowercased, name.count) else { return nil }
            if let old = objects[place] { Py_DecRef(old) }
            Py_IncRef(made)
            objects[place] = made
            return made
        }
    }

    @inline(__always)
    private static func lowercased<Result>(_ name: Span<UInt8>, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count) { memory in
            for index in name.indices {
                let byte = name[index]
                let isUpper = byte &- UInt8(ascii: "A") < 26
                memory[index] = CChar(bitPattern: isUpper ? byte | 0x20 : byte)
            }
            // SAFETY: a name has at least one byte, and all were set.
            return body(UnsafePointer(memory.baseAddress!))
        }
    }
}
