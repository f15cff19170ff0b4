// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What keeps a WebSocket from working, and what to do about it: in plain words, for people.
struct Fault: Sendable, Hashable {
    /// Names it for programs, and in the documentation.
    enum ID: String, CaseIterable {
        // Before there is a connection.
        case invalidAddress = "invalid-address"
        case unusableOptions = "unusable-options"
        case unknownHost = "unknown-host"
        case connectionRefused = "connection-refused"
        case unreachable
        case noAnswerToTCP = "tcp-timeout"
        case noSocketFile = "no-socket-file"
        case notConnected = "not-connected"
        case proxyUnreachable = "proxy-unreachable"
        case proxyCredentials = "proxy-credentials"
        case proxyRefused = "proxy-refused"
        // TLS.
        case plainPort = "plain-port"
        case tlsPort = "tls-port"
        case certificateExpired = "certificate-expired"
        case certificateNotYetValid = "certificate-not-yet-valid"
        case certificateUntrusted = "certificate-untrusted"
        case certificateName = "certificate-name"
        case clientCertificate = "client-certificate"
        case tlsVersion = "tls-version"
        case http2Only = "http2-only"
        case unknownServerName = "unknown-server-name"
        case tlsEnded = "tls-ended"
        case tlsTimeout = "tls-timeout"
        case tlsFailed = "tls-failed"
        // The answer.
        case noAnswer = "no-answer"
        case answerTimeout = "answer-timeout"
        case notHTTP = "not-http"
        case http10 = "http-1.0"
        case malformedAnswer = "malformed-answer"
        case redirectToSecure = "redirect-to-secure"
        case redirect
        case unauthorized
        case forbidden
        case originRefused = "origin-refused"
        case originNeeded = "origin-needed"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case upgradeStripped = "upgrade-stripped"
        case upgradeIgnored = "upgrade-ignored"
        case keyMissing = "key-missing"
        case keyMangled = "key-mangled"
        case version
        case versionMissing = "version-missing"
        case subprotocolNeeded = "subprotocol-needed"
        case hostRefused = "host-refused"
        case socketIO = "socket-io"
        case badRequest = "bad-request"
        case headTooLarge = "head-too-large"
        case tooManyRequests = "too-many-requests"
        case serverError = "server-error"
        case badGateway = "bad-gateway"
        case unavailable
        case gatewayTimeout = "gateway-timeout"
        case otherStatus = "other-status"
        // The fields of a 101.
        case wrongUpgrade = "wrong-upgrade"
        case wrongConnection = "wrong-connection"
        case missingAccept = "missing-accept"
        case wrongAccept = "wrong-accept"
        case repeatedAccept = "repeated-accept"
        case duplicateSubprotocol = "duplicate-subprotocol"
        case unofferedSubprotocol = "unoffered-subprotocol"
        case badExtensions = "bad-extensions"
        // The open connection.
        case maskedFrame = "masked-frame"
        case protocolViolation = "protocol-violation"
        case messageTooBig = "message-too-big"
        case closedAtOnce = "closed-at-once"
        case cutAtOnce = "cut-at-once"
        case missingPong = "missing-pong"
        case cutWhenIdle = "cut-when-idle"
        case closedWhenIdle = "closed-when-idle"
        case silentAfterIdle = "silent-after-idle"
        case closeUnanswered = "close-unanswered"
    }

    let id: ID
    /// Who does what.
    let cause: String
    /// What to do, on one line or several.
    let remedy: String

    init(_ id: ID, _ cause: String, remedy: String) {
        self.id = id
        self.cause = cause
        self.remedy = remedy
    }
}
