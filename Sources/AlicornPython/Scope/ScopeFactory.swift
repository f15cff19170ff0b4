// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// Makes the scopes of a loop's requests (A-HS, A-WS): dictionaries whose keys and types are uvicorn's (P-02).
///
/// What a request shares with the one before on its connection is not made anew: clients that keep a connection mostly send
/// the same head again.
final class ScopeFactory {
    private let settings: PythonSettings
    private let rootPath: Owned
    private let httpVersions: Owned
    private let webSocketVersions: Owned
    private let httpExtensions: Owned
    private let webSocketExtensions: Owned
    private let names = FieldNames()

    init(_ settings: PythonSettings) throws(PythonError) {
        self.settings = settings
        rootPath = try Owned(makeText(settings.configuration.rootPath))
        httpVersions = try Self.versions(settings.asgiVersion, ASGIVersion.http)
        webSocketVersions = try Self.versions(settings.asgiVersion, ASGIVersion.webSocket)
        httpExtensions = try Self.extensions([.earlyHint, .pathSend, .responseTrailers, .zeroCopySend])
        webSocketExtensions = try Self.extensions([.denial])
    }

    private static func versions(_ base: String, _ part: String) throws(PythonError) -> Owned {
        let versions = try Owned(PyDict_New())
        try versions.object.set(.version, Owned(makeText(base)))
        try versions.object.set(.specVersion, Owned(makeText(part)))
        return versions
    }

    private static func extensions(_ names: [Word]) throws(PythonError) -> Owned {
        let extensions = try Owned(PyDict_New())
        for name in names { try extensions.object.set(name, Owned(PyDict_New())) }
        return extensions
    }

    // MARK: - Requests

    func scope(of exchange: HTTPExchange) throws(PythonError) -> Owned {
        let request = exchange.scope
        let kept: ConnectionScope
        if let last = exchange.connectionStorage as? ConnectionScope, last.isFor(request) {
            kept = last
        } else {
            kept = ConnectionScope(request, try template(request, .http, request.isSecure ? .https : .http))
            exchange.connectionStorage = kept
        }
        let scope = try kept.makeScope(request, names: names)
        let head = request.head
        if head.method == "GET" {
            try scope.object.set(.method, Word.get.object)
        } else {
            try scope.object.set(.method, Owned(makeText(request.method)))
        }
        if head.version < .http11 { try scope.object.set(.httpVersion, Word.version10.object) }
        // The list is the application's to change, and serves for the next request.
        try scope.object.set(.headers, Owned(PyList_GetSlice(kept.headers, 0, .max)))
        try complete(scope, httpVersions, extensions(httpExtensions, on: exchange.transport))
        return scope
    }

    /// - Parameter connection: by what the application can name it (``Recipient``).
    func scope(of opening: WebSocketOpening, connection: Object) throws(PythonError) -> Owned {
        let request = opening.scope
        let kept = ConnectionScope(request, try template(request, .webSocket, request.isSecure ? .wss : .ws))
        let scope = try kept.makeScope(request, names: names)
        try scope.object.set(.headers, kept.headers)
        let offered = opening.offeredSubprotocols
        let subprotocols = try Owned(PyList_New(offered.count))
        for (index, name) in offered.enumerated() { PyList_SetItem(subprotocols.object, index, makeText(name)) }
        try scope.object.set(.subprotocols, subprotocols)
        let extensions = try extensions(webSocketExtensions, on: opening.transport)
        let broadcast = try Owned(PyDict_New())
        try broadcast.object.set(.connection, connection)
        try extensions.object.set(.webSocketBroadcast, broadcast)
        try complete(scope, webSocketVersions, extensions)
        return scope
    }

    private func complete(
        _ scope: borrowing Owned, _ versions: borrowing Owned, _ extensions: consuming Owned
    ) throws(PythonError) {
        try scope.object.set(.asgi, Owned(PyDict_Copy(versions.object)))
        try scope.object.set(.extensions, extensions)
        if let state = settings.stateObject { try scope.object.set(.state, Owned(PyDict_Copy(state))) }
    }

    /// A copy of the extensions, and what is known of the connection's TLS (A-EX-08).
    private func extensions(
        _ names: borrowing Owned, on transport: (any ConnectionTransport)?
    ) throws(PythonError) -> Owned {
        let extensions = try Owned(PyDict_Copy(names.object))
        if let tls = (transport?.carrier as? AsyncioTransport)?.tls {
            try extensions.object.set(.tls, Owned(PyDict_Copy(tls)))
        }
        return extensions
    }

    /// What is the same for all requests of a connection; each key is there, so that a copy has room for it.
    private func template(_ request: RequestScope, _ type: Word, _ scheme: Word) throws(PythonError) -> Owned {
        let template = try Owned(PyDict_New())
        let scope = template.object
        try scope.set(.type, type.object)
        try scope.set(.asgi, none)
        try scope.set(.httpVersion, Word.version11.object)
        try scope.set(.server, address(of: request.server, isListener: true))
        try scope.set(.client, address(of: request.client, isListener: false))
        try scope.set(.scheme, scheme.object)
        if type == .http { try scope.set(.method, none) }
        try scope.set(.rootPath, rootPath.object)
        for word in [Word.path, .rawPath, .queryString, .headers] { try scope.set(word, none) }
        if type == .webSocket { try scope.set(.subprotocols, none) }
        if settings.stateObject != nil { try scope.set(.state, none) }
        try scope.set(.extensions, none)
        return template
    }

    /// A tuple, or None for a client without an address (U-H-06).
    private func address(of endpoint: SocketEndpoint, isListener: Bool) throws(PythonError) -> Owned {
        let host: String
        if let address = endpoint.ipAddress {
            host = address
        } else if isListener, case .unix(let path?) = endpoint {
            host = path
        } else {
            return Owned(sharing: none)
        }
        let tuple = try Owned(PyTuple_New(2))
        PyTuple_SetItem(tuple.object, 0, makeText(host))
        PyTuple_SetItem(tuple.object, 1, endpoint.port.map { PyLong_FromLongLong(Int64($0)) } ?? returnedNone)
        return tuple
    }
}
