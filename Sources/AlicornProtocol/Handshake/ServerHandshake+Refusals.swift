// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Answers other than 101.
extension ServerHandshake {
    /// The answer to a request that breaks a rule.
    public func refusal(for failure: HandshakeFailure, to request: RequestHead) -> HandshakeRefusal {
        // Every failure of a request has a status; a client's would be our own mistake.
        let status = failure.responseStatus ?? 500
        var headers = HandshakeHeaders()
        let isUpgradeRequired = status == 426
        // RFC 9110 §7.8: who sends Upgrade also names it in Connection.
        headers.add(own: "Connection", isUpgradeRequired ? "Upgrade, close" : "close")
        if isUpgradeRequired { headers.add(own: "Upgrade", "websocket") }
        switch failure {
        case .method:
            headers.add(own: "Allow", "GET")
        case .missingVersion, .repeatedVersion, .unsupportedVersion:
            headers.add(own: "Sec-WebSocket-Version", "13")  // RFC 6455 §4.4.
        default:
            break
        }
        let body = Array("Failed to open a WebSocket connection: \(failure).\n\(failure.hint)".utf8)
        headers.add(own: "Content-Length", "\(body.count)")
        headers.add(own: "Content-Type", Self.plainText)
        if let serverHeader { headers.add(own: "Server", serverHeader) }
        return HandshakeRefusal(
            response: ResponseHead(status: status, fields: headers.fields),
            body: request.method == "HEAD" ? [] : body,  // RFC 9110 §9.3.2.
            failure: failure)
    }

    /// The application's own answer to a handshake that it does not want.
    ///
    /// - Parameters:
    ///   - status: 200 to 599.
    ///   - additional: header fields of the application, in their order; `Content-Type` and `Server` take the place of
    ///     the default. Those that say how long the body or the connection lasts are left out: they follow from `body`.
    ///   - body: the body; left out where a response has none (204, 304).
    /// - Throws: ``HandshakeMisuse`` for such a status, or a field that cannot be sent.
    public func rejection(
        status: Int, adding additional: [HeaderField] = [], body: [UInt8] = []
    ) throws(HandshakeMisuse) -> HandshakeRefusal {
        guard (200...599).contains(status) else { throw .status(status) }
        let mayHaveBody = status != 204 && status != 304  // RFC 9110 §6.4.1.
        var headers = HandshakeHeaders()
        headers.add(own: "Connection", "close")
        if mayHaveBody { headers.add(own: "Content-Length", "\(body.count)") }
        let names = Set(additional.map { $0.name.lowercased() })
        if mayHaveBody, !body.isEmpty, !names.contains("content-type") {
            headers.add(own: "Content-Type", Self.plainText)
        }
        for field in additional where !Self.framing.contains(field.name.lowercased()) {
            try headers.add(field.name, field.value)
        }
        if let serverHeader, !names.contains("server") { try headers.add("Server", serverHeader) }
        return HandshakeRefusal(
            response: ResponseHead(status: status, fields: headers.fields), body: mayHaveBody ? body : [],
            failure: .refusedByApplication(status: status))
    }

    private static let framing: Set = ["connection", "content-length", "transfer-encoding", "trailer"]
    private static let plainText = "text/plain; charset=utf-8"
}

extension HandshakeFailure {
    /// What the person in front of the answer may want to know.
    fileprivate var hint: String {
        switch self {
        case .missingUpgrade:
            """

            A browser cannot open this address directly: it speaks WebSocket, so use a WebSocket client.
            If you did, a proxy on the way may not pass on the Upgrade and Connection headers.

            """
        case .invalidUpgrade, .missingConnection, .invalidConnection:
            "\nA proxy on the way may not pass on the Upgrade and Connection headers.\n"
        default: ""
        }
    }
}
