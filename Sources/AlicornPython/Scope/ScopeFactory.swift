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
    private let rootPath: Object
    private let httpVersions: Object
    private let webSocketVersions: Object
    private let httpExtensions: Object
    private let webSocketExtensions: Object
    private let names = FieldNames()

    init(_ settings: PythonSettings) {
        self.settings = settings
        rootPath = makeText(settings.configuration.rootPath) ?? Word.empty.object
        httpVersions = Self.versions(settings.asgiVersion, ASGIVersion.http)
        webSocketVersions = Self.versions(settings.asgiVersion, ASGIVersion.webSocket)
        httpExtensions = Self.extensions([
            "http.response.early_hint", "http.response.pathsend", "http.response.trailers",
            "http.response.zerocopysend",
        ])
        webSocketExtensions = Self.extensions(["websocket.http.response"])
    }

    // The loop that a factory is of lives for as long as its process serves.

    private static func versions(_ base: String, _ part: String) -> Object {
        let versions = PyDict_New()!
        PyDict_SetItem(versions, PyUnicode_InternFromString("version"), makeText(base))
        PyDict_SetItem(versions, PyUnicode_InternFromString("spec_version"), makeText(part))
        return versions
    }

    private static func extensions(_ names: [String]) -> Object {
        let extensions = PyDict_New()!
        for name in names { PyDict_SetItem(extensions, makeText(name), PyDict_New()) }
        return extensions
    }

    // MARK: - Requests

    func scope(of exchange: HTTPExchange) throws(PythonError) -> Owned {
        let request = exchange.scope
        let kept: ConnectionScope
        if let last = exchange.connectionStorage as? ConnectionScope, last.isFor(request) {
            kept = last
        } else {
            kept = ConnectionScope(request, try template(request, Word.http, request.isSecure ? .https : .http))
            exchange.connectionStorage = kept
        }
        let scope = try Owned(PyDict_Copy(kept.template))
        let head = request.head
        try kept.update(head, request, names: names)
        let method = head.method == "GET" ? Word.get.object : nil
        if let method {
            PyDict_SetItem(scope.object, Word.method.object, method)
        } else {
            try set(scope, .method, Owned(makeText(request.method)))
        }
        if head.version < .http11 { PyDict_SetItem(scope.object, Word.httpVersion.object, Word.version10.object) }
        PyDict_SetItem(scope.object, Word.path.object, kept.path)
        PyDict_SetItem(scope.object, Word.rawPath.object, kept.rawPath)
        PyDict_SetItem(scope.object, Word.queryString.object, kept.query)
        try set(scope, .headers, Owned(PyList_GetSlice(kept.headers, 0, .max)))
        try set(scope, .asgi, Owned(PyDict_Copy(httpVersions)))
        try set(scope, .extensions, extensions(httpExtensions, on: exchange.transport))
        if let state = settings.state { try set(scope, .state, Owned(PyDict_Copy(state))) }
        return scope
    }

    func scope(of opening: WebSocketOpening) throws(PythonError) -> Owned {
        let request = opening.scope
        let kept = ConnectionScope(
            request, try template(request, Word.webSocket, request.isSecure ? .wss : .ws))
        try kept.update(request.head, request, names: names)
        let scope = try Owned(PyDict_Copy(kept.template))
        PyDict_SetItem(scope.object, Word.path.object, kept.path)
        PyDict_SetItem(scope.object, Word.rawPath.object, kept.rawPath)
        PyDict_SetItem(scope.object, Word.queryString.object, kept.query)
        PyDict_SetItem(scope.object, Word.headers.object, kept.headers)
        let offered = opening.offeredSubprotocols
        let subprotocols = try Owned(PyList_New(offered.count))
        for (index, name) in offered.enumerated() { PyList_SetItem(subprotocols.object, index, makeText(name)) }
        try set(scope, .subprotocols, subprotocols)
        try set(scope, .asgi, Owned(PyDict_Copy(webSocketVersions)))
        try set(scope, .extensions, extensions(webSocketExtensions, on: opening.transport))
        if let state = settings.state { try set(scope, .state, Owned(PyDict_Copy(state))) }
        return scope
    }

    /// A copy of the extensions, and what is known of the connection's TLS (A-EX-08).
    private func extensions(
        _ names: Object, on transport: (any ConnectionTransport)?
    ) throws(PythonError) -> Owned {
        let extensions = try Owned(PyDict_Copy(names))
        if let tls = (transport?.carrier as? AsyncioTransport)?.tls {
            let copy = try Owned(PyDict_Copy(tls))
            PyDict_SetItem(extensions.object, Word.tls.object, copy.object)
        }
        return extensions
    }

    /// What is the same for all requests of a connection; each key is there, so that a copy has room for it.
    private func template(_ request: RequestScope, _ type: Word, _ scheme: Word) throws(PythonError) -> Owned {
        let template = try Owned(PyDict_New())
        PyDict_SetItem(template.object, Word.type.object, type.object)
        PyDict_SetItem(template.object, Word.asgi.object, none)
        PyDict_SetItem(template.object, Word.httpVersion.object, Word.version11.object)
        try set(template, .server, address(of: request.server, isListener: true))
        try set(template, .client, address(of: request.client, isListener: false))
        PyDict_SetItem(template.object, Word.scheme.object, scheme.object)
        if type == .http { PyDict_SetItem(template.object, Word.method.object, none) }
        PyDict_SetItem(template.object, Word.rootPath.object, rootPath)
        for word in [Word.path, .rawPath, .queryString, .headers] {
            PyDict_SetItem(template.object, word.object, none)
        }
        if type == .webSocket { PyDict_SetItem(template.object, Word.subprotocols.object, none) }
        if settings.state != nil { PyDict_SetItem(template.object, Word.state.object, none) }
        PyDict_SetItem(template.object, Word.extensions.object, none)
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

    private func set(_ scope: borrowing Owned, _ word: Word, _ value: consuming Owned) throws(PythonError) {
        guard PyDict_SetItem(scope.object, word.object, value.object) == 0 else { throw PythonError() }
    }
}
