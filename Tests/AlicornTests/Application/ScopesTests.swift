// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornTesting
import EngineTesting
import Testing

@Suite("What every scope says of itself")
struct ScopesTests {
    /// The names of a scope's type, of the versions that it is of, and of its extensions.
    private static func words(of scope: Scope) -> [String] {
        switch scope {
        case .http(let scope): [scope.type, scope.asgiVersion, scope.specVersion] + scope.extensions.sorted()
        case .webSocket(let scope): [scope.type, scope.asgiVersion, scope.specVersion] + scope.extensions.sorted()
        case .lifespan(let scope): [scope.type, scope.asgiVersion, scope.specVersion]
        }
    }

    @Test(
        "type, versions and extensions (A-04, A-HS-01 to A-HS-03, A-HS-15, A-WS-01, A-WS-02, U-H-02)", .onEachEngine)
    func words() async throws {
        let (told, note) = AsyncStream.makeStream(of: [String].self)
        let served = try await ServedApplication(Telling(note: note))
        var scopes = told.makeAsyncIterator()
        #expect(await scopes.next() == ["lifespan", "3.0", "2.0"])
        _ = try await served.exchange("GET / HTTP/1.0\r\n\r\n")
        #expect(
            await scopes.next() == [
                "http", "3.0", "2.5", "http.response.early_hint", "http.response.pathsend", "http.response.trailers",
                "http.response.zerocopysend",
            ])
        _ = try await served.exchange(ScriptedPeer.openingRequest())
        #expect(await scopes.next() == ["websocket", "3.0", "2.5", "websocket.http.response"])
        try await served.stop()
    }

    /// Tells of its scopes, and serves none of them.
    private struct Telling: Application {
        let note: AsyncStream<[String]>.Continuation

        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            note.yield(words(of: scope))
            throw UnsupportedScope(scope)
        }
    }
}
