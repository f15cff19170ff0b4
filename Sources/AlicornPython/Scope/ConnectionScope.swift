// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// What of a connection's last request serves for the next one.
final class ConnectionScope {
    let template: Owned
    private let client: SocketEndpoint
    private let isSecure: Bool
    private var fields: HeaderFields?
    private var target: String?
    private var headersList: Owned
    private var pathText: Owned
    private var rawPathBytes: Owned
    private var queryBytes: Owned

    /// - Parameter template: the keys of the scope, and what is the same for all requests of the connection.
    init(_ request: RequestScope, _ template: consuming Owned) {
        self.template = template
        client = request.client
        isSecure = request.isSecure
        headersList = Owned(sharing: none)
        pathText = Owned(sharing: none)
        rawPathBytes = Owned(sharing: none)
        queryBytes = Owned(sharing: none)
    }

    var headers: Object { headersList.object }

    /// Whether the request comes from the same client: behind a proxy the next may be another's.
    func isFor(_ request: RequestScope) -> Bool { request.client == client && request.isSecure == isSecure }

    /// A scope for a request: what is not as it was is made anew, and the headers are the caller's to set.
    func makeScope(_ request: RequestScope, names: FieldNames) throws(PythonError) -> Owned {
        let head = request.head
        if fields.map({ head.fields.isWritten(as: $0) }) != true {
            headersList = try Self.list(of: head.fields, names)
            fields = head.fields
        }
        if head.target != target {
            pathText = try Owned(makeText(request.path))
            rawPathBytes = try Self.bytes(of: request.rawPath)
            let query = request.queryString
            queryBytes = query.isEmpty ? Owned(sharing: known.emptyBytes!) : try Self.bytes(of: String(query))
            target = head.target
        }
        let scope = try Owned(PyDict_Copy(template.object))
        try scope.object.set(.path, pathText.object)
        try scope.object.set(.rawPath, rawPathBytes.object)
        try scope.object.set(.queryString, queryBytes.object)
        return scope
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
