// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornProtocol
import AlicornTesting
import EngineTesting
import NIOCore
import Synchronization
import Testing

@Suite("An application's requests", .onEachEngine)
struct HTTPChannelTests {
    private static let fields: HeaderFields = {
        var fields = HeaderFields()
        try? fields.append(name: "x", value: "y")
        return fields
    }()

    @Test("a response with its fields, and the scope that was asked with")
    func hello() async throws {
        let served = try await ServedApplication(
            ClosureApplication { scope, receive, send in
                guard case .http(let scope) = scope else { return }
                #expect(scope.method == "GET" && scope.path == "/a b" && scope.queryString == "c=d")
                #expect(scope.scheme == "http" && scope.client?.host == "127.0.0.1")
                #expect(scope.server?.port != nil && scope.tls == nil)
                guard case .httpRequest(let body, false) = try await receive() else { return }
                #expect(body.readableBytes == 0)
                try await send(.httpResponseStart(status: 201, headers: Self.fields))
                try await send(.httpResponseBody("hello"))
            })
        let response = try await served.exchange("GET /a%20b?c=d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(response.hasPrefix("HTTP/1.1 201 Created\r\ndate: "))
        #expect(response.contains("\r\nserver: alicorn\r\nx: y\r\nTransfer-Encoding: chunked\r\n"))
        #expect(response.hasSuffix("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        try await served.stop()
    }

    @Test("bodies stream both ways, with a client and an application that wait for each other")
    func streaming() async throws {
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                try await send(.httpResponseStart(status: 200))
                while case .httpRequest(let body, let moreBody) = try await receive() {
                    try await send(.httpResponseBody(body, moreBody: moreBody))
                    if !moreBody { return }
                }
            })
        let size = 300_000
        let body = String(repeating: "x", count: size)
        let response = try await served.exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n" + body)
        #expect(response.utf8.count { $0 == UInt8(ascii: "x") } == size)
        #expect(response.hasSuffix("0\r\n\r\n"))
        try await served.stop()
    }

    @Test("an application that waits hears that the client is gone (A-HE-02), and sending then says so (A-HE-06, P-26)")
    func disconnect() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                _ = try await receive()
                note.yield("waits")
                guard case .httpDisconnect = try await receive() else { return }
                note.yield("disconnected")
                do {
                    try await send(.httpResponseStart(status: 200))
                    // What is on its way when the connection breaks may still be taken.
                    while true { try await send(.httpResponseBody("x", moreBody: true)) }
                } catch is ClientDisconnected { note.yield("cannot send") }
            })
        var events = told.makeAsyncIterator()
        var peer: ScriptedPeer? = try await ScriptedPeer.connect(port: served.port)
        try await peer?.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await events.next() == "waits")
        peer?.resetWhenReleased()
        peer = nil
        #expect(await events.next() == "disconnected")
        #expect(await events.next() == "cannot send")
        try await served.stop()
    }

    @Test("events from other tasks and from outside of the loop come to the same")
    func otherTasks() async throws {
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                let body = try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
                    group.addTask {
                        guard case .httpRequest(let body, _) = try await receive() else { return ByteBuffer() }
                        return body
                    }
                    return try await group.next() ?? ByteBuffer()
                }
                try await Task.detached {
                    try await send(.httpResponseStart(status: 200))
                    try await send(.httpResponseBody(body))
                }.value
            })
        let response = try await served.exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")
        #expect(response.hasSuffix("3\r\nabc\r\n0\r\n\r\n"))
        try await served.stop()
    }
}
