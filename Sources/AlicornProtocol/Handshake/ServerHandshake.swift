// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The server's side of the opening handshake (RFC 6455 §4.2): a configuration and the decisions that follow from it.
///
/// One value is shared by all connections. A request never makes it throw or trap: it answers with a
/// ``HandshakeDecision``, and with 101 only when every rule is kept.
public struct ServerHandshake: Sendable {
    /// The subprotocols to choose from; with `nil`, none is chosen unless the application does.
    public var subprotocols: Subprotocols?
    /// The allowed origins; with `nil`, they are not checked.
    public var origins: Origins?
    /// The extensions, the preferred ones first. The client's order counts more (RFC 6455 §9.1).
    public var extensions: [any ServerExtension]
    /// The hosts that are served; with `nil`, any. Guards against DNS rebinding.
    public var allowedHosts: [HostPattern]?
    /// The value of the `Server` header; with `nil`, there is none.
    public let serverHeader: String?

    /// Takes a configuration.
    ///
    /// - Throws: ``HandshakeMisuse`` when `serverHeader` cannot be sent.
    public init(
        subprotocols: Subprotocols? = nil, origins: Origins? = nil, extensions: [any ServerExtension] = [],
        allowedHosts: [HostPattern]? = nil, serverHeader: String? = nil
    ) throws(HandshakeMisuse) {
        self.subprotocols = subprotocols
        self.origins = origins
        self.extensions = extensions
        self.allowedHosts = allowedHosts
        self.serverHeader = serverHeader
        var probe = HandshakeHeaders()
        if let serverHeader { try probe.add("Server", serverHeader) }
    }

    /// Decides about a request.
    ///
    /// - Parameter announcesBody: whether `Content-Length` (other than 0) or `Transfer-Encoding` promises a body.
    public func evaluate(_ request: RequestHead, announcesBody: Bool) -> HandshakeDecision {
        do {
            return .accepted(try accept(request, announcesBody: announcesBody))
        } catch {
            let refusal = refusal(for: error, to: request)
            let fields = request.fields
            // Without a key it may well be an upgrade to something else; with one it is a handshake that lost its Upgrade.
            let isHandshake =
                fields.lists("websocket", in: "upgrade") || fields.occurrence(of: "sec-websocket-key").count > 0
            return isHandshake ? .refused(refusal) : .notAnUpgrade(refusal)
        }
    }

    private func accept(_ request: RequestHead, announcesBody: Bool) throws(HandshakeFailure) -> HandshakeAcceptance {
        guard request.method == "GET" else { throw .method(request.method) }
        guard request.version >= .http11 else { throw .requestVersion(request.version) }
        try checkUpgrade(request)
        try checkHost(request)
        guard !announcesBody else { throw .announcedBody }
        try checkVersion(request)
        let key = try HandshakeKey(in: request)
        try origins?.validate(request)
        let acceptedExtension = try negotiate(request)
        let offered = try Subprotocols.offered(in: request)
        return HandshakeAcceptance(
            offeredSubprotocols: offered, subprotocol: try subprotocols?.choose(from: offered),
            acceptedExtension: acceptedExtension, key: key, supportedSubprotocols: subprotocols?.supported,
            serverHeader: serverHeader)
    }

    /// RFC 6455 §4.2.1, items 3 and 4. The client may offer other protocols beside (RFC 9110 §7.8).
    private func checkUpgrade(_ request: RequestHead) throws(HandshakeFailure) {
        let fields = request.fields
        let upgrade = fields.occurrence(of: "upgrade")
        guard upgrade.count > 0 else { throw .missingUpgrade }
        guard fields.lists("websocket", in: "upgrade") else { throw .invalidUpgrade(fields.text(upgrade.value)) }
        let connection = fields.occurrence(of: "connection")
        guard connection.count > 0 else { throw .missingConnection }
        guard fields.lists("upgrade", in: "connection") else {
            throw .invalidConnection(fields.text(connection.value))
        }
    }

    /// RFC 9112 §3.2: exactly one, and valid. A target in absolute form has a host as well, which may differ and counts
    /// more (RFC 9112 §3.2.2); both have to be served.
    private func checkHost(_ request: RequestHead) throws(HandshakeFailure) {
        let fields = request.fields
        let header = fields.occurrence(of: "host")
        guard header.count > 0 else { throw .missingHost }
        guard header.count == 1 else { throw .repeatedHost }
        // A plain one is valid, and any will do: it need not be read.
        if allowedHosts != nil || !HostAndPort.isPlain(fields.bytes.span.extracting(header.value)) {
            try checkHost(fields.text(header.value))
        }
        if let authority = request.targetAuthority { try checkHost(authority) }
    }

    private func checkHost(_ authority: String) throws(HandshakeFailure) {
        let host: HostName
        do {
            host = try HostAndPort(header: authority.utf8).host
        } catch { throw .invalidHost(authority, error) }
        let isServed = allowedHosts?.contains { $0.matches(host) } ?? true
        guard isServed else { throw .unknownHost(host.text) }
    }

    /// RFC 6455 §4.2.2, item 4. The only valid value is exactly `13`: no list, no leading zero.
    private func checkVersion(_ request: RequestHead) throws(HandshakeFailure) {
        let fields = request.fields
        let version = fields.occurrence(of: "sec-websocket-version")
        guard version.count > 0 else { throw .missingVersion }
        guard version.count == 1 else { throw .repeatedVersion }
        guard fields.holds("13", at: version.value) else { throw .unsupportedVersion(fields.text(version.value)) }
    }

    /// The first of the client's offers that an extension takes; the others are declined by silence.
    private func negotiate(_ request: RequestHead) throws(HandshakeFailure) -> AcceptedExtension? {
        let offers: [ExtensionDescription]
        do {
            offers = try ExtensionHeader.parse(request.fields)
        } catch { throw .malformedExtensions(error) }
        for offer in offers {
            for candidate in extensions {
                if let accepted = candidate.accept(offer) { return accepted }
            }
        }
        return nil
    }
}
