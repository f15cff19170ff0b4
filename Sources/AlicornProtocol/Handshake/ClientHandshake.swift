// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The client's side of the opening handshake (RFC 6455 §4.1): the request, and the check of the response.
public struct ClientHandshake: Sendable {
    /// What a client asks for beside the address.
    public struct Configuration: Sendable {
        /// The `Origin` header; only browsers need one.
        public var origin: String?
        /// The subprotocols to offer, the preferred ones first.
        public var subprotocols: [String]
        /// The extensions to offer, the preferred ones first.
        public var extensions: [any ClientExtension]
        /// More header fields. `Host`, `Authorization`, `Origin` and `User-Agent` replace what would be sent instead.
        public var additionalFields: [HeaderField]
        /// The `User-Agent` header; with `nil`, there is none.
        public var userAgent: String?

        /// Takes a configuration.
        public init(
            origin: String? = nil, subprotocols: [String] = [], extensions: [any ClientExtension] = [],
            additionalFields: [HeaderField] = [], userAgent: String? = Self.defaultUserAgent
        ) {
            self.origin = origin
            self.subprotocols = subprotocols
            self.extensions = extensions
            self.additionalFields = additionalFields
            self.userAgent = userAgent
        }

        /// The name of this implementation.
        public static let defaultUserAgent = "Alicorn/0.1"
    }

    /// What a server agreed to.
    public struct Agreement {
        /// The subprotocol, if one was agreed on.
        public let subprotocol: String?
        /// The extension that is in use, if any.
        public let acceptedExtension: AcceptedExtension?
    }

    /// The request to send; it has no body.
    public let request: RequestHead

    private let key: HandshakeKey
    private let subprotocols: [String]
    private let extensions: [any ClientExtension]

    /// Builds the request for an address, with a key of its own: a handshake is for one attempt.
    ///
    /// - Throws: ``HandshakeMisuse`` when the configuration cannot be sent.
    public init(
        to uri: WebSocketURI, configuration: Configuration = Configuration(),
        using generator: inout some RandomNumberGenerator
    ) throws(HandshakeMisuse) {
        try Subprotocols.check(configuration.subprotocols)
        key = HandshakeKey(using: &generator)
        subprotocols = configuration.subprotocols
        extensions = configuration.extensions
        let fields = try Self.fields(for: uri, configuration, key)
        request = RequestHead(method: "GET", target: uri.resourceName, fields: fields)
    }

    private static func fields(
        for uri: WebSocketURI, _ configuration: Configuration, _ key: HandshakeKey
    ) throws(HandshakeMisuse) -> HeaderFields {
        var additional = configuration.additionalFields
        var headers = HandshakeHeaders()
        func addUnique(_ name: String, default value: String?) throws(HandshakeMisuse) {
            let replacements = additional.filter { $0.name.lowercased() == name.lowercased() }
            guard replacements.count <= 1 else { throw .repeatedHeader(name) }
            additional.removeAll { $0.name.lowercased() == name.lowercased() }
            if let value = replacements.first?.value ?? value { try headers.add(name, value) }
        }
        try addUnique("Host", default: uri.hostHeader)
        try addUnique("Authorization", default: uri.credentials?.authorization)
        try addUnique("Origin", default: configuration.origin)
        headers.add(own: "Upgrade", "websocket")
        headers.add(own: "Connection", "Upgrade")
        headers.add(own: "Sec-WebSocket-Key", key.text)
        headers.add(own: "Sec-WebSocket-Version", "13")
        let offers = configuration.extensions.flatMap(\.offers)
        if !offers.isEmpty { try headers.add(ExtensionHeader.name, ExtensionHeader.serialize(offers)) }
        let subprotocols = configuration.subprotocols
        if !subprotocols.isEmpty { try headers.add(Subprotocols.header, subprotocols.joined(separator: ", ")) }
        let others = additional.filter { $0.name.lowercased() != "user-agent" }
        for field in others {
            try HandshakeHeaders.checkIsFree(field.name)
            try headers.add(field.name, field.value)
        }
        try addUnique("User-Agent", default: configuration.userAgent)
        return headers.fields
    }
}

extension ClientHandshake {
    /// Checks the server's response (RFC 6455 §4.1).
    ///
    /// - Throws: ``HandshakeFailure``; the connection is then cut without a close frame.
    public func evaluate(_ response: ResponseHead) throws(HandshakeFailure) -> Agreement {
        // The status comes first: it says most, whatever else is odd about an answer of a proxy on the way.
        guard response.status == 101 else { throw .status(response) }
        guard response.version >= .http11 else { throw .responseVersion(response.version) }
        try checkUpgrade(response.fields)
        let accept = response.fields.values(of: "Sec-WebSocket-Accept")
        guard let value = accept.first else { throw .missingAccept }
        guard accept.count == 1 else { throw .repeatedAccept }
        guard value == key.accept else { throw .wrongAccept(value, expected: key.accept) }
        return Agreement(
            subprotocol: try agreedSubprotocol(response.fields), acceptedExtension: try agreedExtension(response.fields)
        )
    }

    /// RFC 6455 §4.1, items 2 and 3 of the response: `Upgrade` is this one protocol, `Connection` a list that names it.
    private func checkUpgrade(_ fields: HeaderFields) throws(HandshakeFailure) {
        let upgrades = fields.values(of: "Upgrade")
        guard !upgrades.isEmpty else { throw .missingUpgrade }
        let upgrade = upgrades.joined(separator: ", ")
        guard upgrade.lowercased() == "websocket" else { throw .invalidUpgrade(upgrade) }
        guard let connection = fields.first("Connection") else { throw .missingConnection }
        let options: [String]
        do {
            options = try fields.tokens(of: "Connection")
        } catch { throw .malformedList(error) }
        guard options.contains(where: { $0.lowercased() == "upgrade" }) else { throw .invalidConnection(connection) }
    }

    /// RFC 6455 §4.1, item 6 of the response: at most one, and one of ours, exactly.
    private func agreedSubprotocol(_ fields: HeaderFields) throws(HandshakeFailure) -> String? {
        let values = fields.values(of: Subprotocols.header)
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw .severalSubprotocols }
        guard subprotocols.contains(value) else { throw .unofferedSubprotocol(value) }
        return value
    }

    /// RFC 6455 §4.1, item 5 of the response, and §9.1: only what was offered.
    private func agreedExtension(_ fields: HeaderFields) throws(HandshakeFailure) -> AcceptedExtension? {
        guard fields.count(of: ExtensionHeader.name) <= 1 else { throw .repeatedExtensions }
        let answers: [ExtensionDescription]
        do {
            answers = try ExtensionHeader.parse(fields)
        } catch { throw .malformedExtensions(error) }
        var accepted: AcceptedExtension?
        for answer in answers {
            let offering = extensions.first { $0.offers.contains { $0.name == answer.name } }
            guard let offering else { throw .unofferedExtension(answer.name) }
            guard accepted == nil else { throw .severalExtensions(answers.map(\.name)) }
            do {
                accepted = try offering.accept(answer: answer)
            } catch { throw .refusedExtension(answer, error) }
        }
        return accepted
    }
}
