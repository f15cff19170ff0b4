// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Why the server refused an opening handshake, in so few words that one can be alerted on each (P-35).
package enum RefusalCause: String, Sendable, Hashable, CaseIterable {
    // MARK: What the client, or a proxy before us, did

    case method
    case httpVersion = "http_version"
    /// `Host` is missing, repeated or none.
    case host
    /// A host that is not served here.
    case unknownHost = "unknown_host"
    case announcedBody = "announced_body"
    /// `Upgrade` is missing or another: mostly a proxy that does not pass it on.
    case upgrade
    /// `Connection` is missing or another: mostly a proxy that does not pass it on.
    case connection
    /// `Sec-WebSocket-Version`.
    case version
    /// `Sec-WebSocket-Key`.
    case key
    case missingOrigin = "missing_origin"
    case forbiddenOrigin = "forbidden_origin"
    case subprotocol
    case malformedHeader = "malformed_header"
    case malformedExtensions = "malformed_extensions"

    // MARK: What the application did

    /// It refused, by closing before it accepted or with a response of its own.
    case application
    /// It raised or returned before it answered.
    case applicationFailed = "application_failed"
    /// It did not answer in time.
    case timeout

    // MARK: What the server did

    case shuttingDown = "shutting_down"
    /// `--limit-websockets` or `--limit-concurrency`.
    case tooManyConnections = "too_many_connections"
    /// One client has as many connections as one may have.
    case tooManyFromClient = "too_many_from_client"
    case rateLimit = "rate_limit"
    case other
}

extension RefusalCause {
    /// The word for what the handshake's rules found.
    package init(_ failure: HandshakeFailure) {
        self =
            switch failure {
            case .method: .method
            case .requestVersion: .httpVersion
            case .missingHost, .repeatedHost, .invalidHost: .host
            case .unknownHost: .unknownHost
            case .announcedBody: .announcedBody
            case .missingUpgrade, .invalidUpgrade: .upgrade
            case .missingConnection, .invalidConnection: .connection
            case .missingVersion, .repeatedVersion, .unsupportedVersion: .version
            case .missingKey, .repeatedKey, .invalidKey: .key
            case .missingOrigin: .missingOrigin
            case .repeatedOrigin, .forbiddenOrigin: .forbiddenOrigin
            case .missingSubprotocol, .noCommonSubprotocol, .repeatedSubprotocol: .subprotocol
            case .malformedList: .malformedHeader
            case .malformedExtensions: .malformedExtensions
            case .refusedByApplication: .application
            case .shuttingDown: .shuttingDown
            // What only a client finds.
            case .status, .responseVersion, .missingAccept, .repeatedAccept, .wrongAccept, .repeatedExtensions,
                .unofferedExtension, .severalExtensions, .refusedExtension, .severalSubprotocols,
                .unofferedSubprotocol:
                .other
            }
    }
}
