// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Testing

@testable import AlicornWebSocket

@Suite("Redirects of routes")
struct RedirectTests {
    @Test(
        "the place keeps the parameters, escaped, and the query unless it has its own",
        arguments: [
            ("/{a}", "/b/{a}", "/x", "/b/x"), ("/{a}", "/b/{a}", "/x?q=1", "/b/x?q=1"),
            ("/{a}", "/b/{a}?p", "/x?q=1", "/b/x?p"),
            ("/{a}", "https://c/{a}", "/%C3%A4%3F%25", "https://c/%C3%A4%3F%25"),
            ("/{a:path}", "/{a}", "//evil.example/", "/.//evil.example/"),
            ("/{a}", "/{a}", "/%2Fevil.example", "/.//evil.example"), ("/{a}", "{a}", "/%0D%0AX:%20y", "%0D%0AX:%20y"),
            ("/{a}/{b}", "/{b}/{a}/{", "/1/2", "/2/1/{"),
        ])
    func location(pattern: String, target: String, path: String, location: String) throws {
        var routes = Routes()
        try routes.redirect(pattern, to: target, status: 307)
        let request = WebSocketServer.Request(
            RequestHead(method: "GET", target: path), remote: .unix(path: nil), local: .unix(path: nil))
        guard case .answer(let response) = routes.find(request) else {
            Issue.record("no redirect for \(path)")
            return
        }
        #expect(response.head.status == 307)
        #expect(response.head.fields.first("Location") == location)
    }
}
