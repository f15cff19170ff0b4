// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a server's connection has to know of a request until its response is complete.
struct RequestTraits: Sendable {
    /// The methods that change how a response is framed.
    enum Method: Sendable {
        case head, connect, other
    }

    var method: Method
    var version: HTTPVersion
    var body: BodyKind
    /// Whether the client waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1).
    var expectsContinue: Bool
    /// Whether the request offers a switch of protocols that may be accepted (RFC 9110 §7.8).
    var offersUpgrade: Bool
    /// Whether the connection may be kept for another request (RFC 9112 §9.3).
    var persists: Bool

    /// Checks the fields that concern the whole message.
    init(_ line: RequestLine, _ fields: HeaderFields) throws(HTTPViolation) {
        let index = FieldIndex(fields)
        try Self.checkHost(fields, index, version: line.version)
        let body = try BodyKind.announced(by: fields, index, version: line.version) ?? .none
        // RFC 9110 §10.1.1: another expectation may be answered with 417; one in HTTP/1.0 is ignored.
        let hasExpectation = index.expect.count > 0 && line.version >= .http1_1
        if hasExpectation {
            let isKnown = index.expect.count == 1 && fields.equals(index.expect.value, "100-continue")
            guard isKnown else { throw .unknownExpectation }
        }
        self.init(refused: line, fields)
        self.body = body
        expectsContinue = hasExpectation && body != .none
        // RFC 9110 §7.8: Upgrade in HTTP/1.0 is ignored, and so is one that Connection does not name.
        offersUpgrade =
            index.hasUpgrade && line.version >= .http1_1 && fields.containsToken("upgrade", in: "Connection")
        persists =
            switch (line.version >= .http1_1, index.hasConnection) {
            case (true, false): true
            case (false, false): false
            case (true, true): !fields.containsToken("close", in: "Connection")
            case (false, true):
                fields.containsToken("keep-alive", in: "Connection") && !fields.containsToken("close", in: "Connection")
            }
    }

    /// What is known of a request whose fields are at fault: enough to answer that.
    init(refused line: RequestLine, _ fields: HeaderFields) {
        let method: Method =
            if fields.bytes.span.holds("HEAD", at: line.method) {
                .head
            } else if fields.bytes.span.holds("CONNECT", at: line.method) {
                .connect
            } else {
                .other
            }
        self.init(method: method, version: line.version)
    }

    /// What stands for a request whose head is at fault.
    static var unknown: Self { Self(method: .other, version: .http1_1) }

    private init(method: Method, version: HTTPVersion) {
        self.method = method
        self.version = version
        body = .none
        expectsContinue = false
        offersUpgrade = false
        persists = false
    }

    /// RFC 9112 §3.2: exactly one valid Host in HTTP/1.1; in HTTP/1.0 none is fine too.
    private static func checkHost(
        _ fields: HeaderFields, _ index: FieldIndex, version: HTTPVersion
    ) throws(HTTPViolation) {
        switch index.host.count {
        case 0: guard version < .http1_1 else { throw .missingHost }
        case 1:
            guard HostSyntax.isHost(index.host.value, in: fields.bytes.span, port: .optional) else {
                throw .invalidHost
            }
        default: throw .repeatedHost
        }
    }
}
