// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// A check of user name and password in the `Basic` scheme (RFC 7617), to be called from a responder (AUT-03, AUT-06).
///
/// Who passes is the request's ``WebSocketServer/Request/username``, and so the connection's
/// ``WebSocketConnection/username``.
public struct BasicAuthentication: Sendable, Hashable {
    /// What the user name and password are for, as browsers show it.
    public let realm: String

    /// Names what the credentials are for.
    ///
    /// - Throws: ``InvalidHeaderField`` when the name holds what cannot stand in a header field.
    public init(realm: String) throws(InvalidHeaderField) {
        self.realm = realm
        var fields = HeaderFields()
        try fields.append(name: Self.header, value: BasicCredentials.challenge(realm: realm))
    }

    private static let header = "WWW-Authenticate"

    /// Compares a request's credentials with those that are allowed.
    ///
    /// All are compared, and each in a time that does not tell how much of it is right, so that neither a known user nor
    /// a good beginning of a password shows in the time that the answer takes (AUT-05).
    ///
    /// - Returns: `nil` when it passes, else the 401 to answer with.
    public func check(
        _ request: inout WebSocketServer.Request, credentials allowed: [BasicCredentials]
    ) -> WebSocketServer.Response? {
        do throws(CredentialsFailure) {
            let credentials = try BasicCredentials(in: request.head)
            let matches = allowed.count { credentials.matches($0) }
            return matches > 0 ? pass(credentials, &request) : refusal(.invalid)
        } catch {
            return refusal(error)
        }
    }

    /// Has `verify` decide about a request's credentials.
    ///
    /// - Parameter verify: whether user name and password are right. It should take as long for an unknown user as for a
    ///   wrong password: hash the password in either case.
    /// - Returns: `nil` when it passes, else the 401 to answer with.
    public func check(
        _ request: inout WebSocketServer.Request, verify: (BasicCredentials) async throws -> Bool
    ) async rethrows -> WebSocketServer.Response? {
        let credentials: BasicCredentials
        do throws(CredentialsFailure) {
            credentials = try BasicCredentials(in: request.head)
        } catch {
            return refusal(error)
        }
        return try await verify(credentials) ? pass(credentials, &request) : refusal(.invalid)
    }

    private func pass(
        _ credentials: BasicCredentials, _ request: inout WebSocketServer.Request
    ) -> WebSocketServer.Response? {
        request.username = credentials.username
        return nil
    }

    /// RFC 9110 §15.5.2: a 401 says how to authenticate.
    private func refusal(_ failure: CredentialsFailure) -> WebSocketServer.Response {
        .text("\(failure)\n", status: 401)
            .adding(Self.header, BasicCredentials.challenge(realm: realm))
    }
}
