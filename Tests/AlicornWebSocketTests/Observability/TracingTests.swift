// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if Tracing
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import InMemoryTracing
import Testing
import Tracing

@Suite("Tracing", .onEachEngine, .timeLimit(.minutes(1)))
struct TracingTests {
    private let tracer = InMemoryTracer()

    private func serve(
        handler: @escaping WebSocketServer.Handler,
        _ body: (RunningServer, WebSocketClient.Configuration) async throws -> Void
    ) async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.observability.tracer = tracer
        let running = try await RunningServer(configuration, handler: handler)
        var client = WebSocketClient.Configuration()
        client.observability.tracer = tracer
        try await body(running, client)
        try await running.stop()
    }

    private func span(_ kind: SpanKind) throws -> FinishedInMemorySpan {
        try #require(tracer.finishedSpans.first { $0.kind == kind })
    }

    @Test(
        "a connection is a span of each side, the server's a child of the client's, and work in it a child of its own")
    func spans() async throws {
        try await serve { [tracer] connection in
            for try await message in connection {
                let span = tracer.startSpan("work")
                try await connection.send(message)
                span.end()
            }
        } _: { running, configuration in
            try await WebSocketClient.connect(to: running.address + "chat?room=1", configuration: configuration) {
                [tracer] connection in
                let span = tracer.startSpan("talk")
                try await connection.send("hello")
                _ = try await connection.receive()
                span.end()
            }
        }
        let client = try span(.client)
        let server = try span(.server)
        #expect(tracer.finishedSpans.count == 4)
        #expect(tracer.activeSpans.isEmpty)
        #expect(server.parentSpanID == client.spanID)
        #expect(Set(tracer.finishedSpans.map(\.traceID)).count == 1)
        let work = tracer.finishedSpans.first { $0.operationName == "work" }
        #expect(work?.parentSpanID == server.spanID)
        let talk = tracer.finishedSpans.first { $0.operationName == "talk" }
        #expect(talk?.parentSpanID == client.spanID)
        for span in [client, server] {
            #expect(span.operationName == "WebSocket /chat")
            #expect(span.attributes.get("url.path") == .string("/chat"))
            #expect(span.attributes.get("network.protocol.name") == .string("websocket"))
            #expect(span.attributes.get("http.response.status_code") == .int64(101))
            #expect(span.attributes.get("alicorn.close.code") == .int64(1000))
            #expect(span.attributes.get("server.address") == .string("127.0.0.1"))
            #expect(span.attributes.get("server.port") == server.attributes.get("server.port"))
            #expect(span.status == nil)
        }
        #expect(server.attributes.get("url.query") == .string("room=1"))
    }

    @Test("a bad end is an error of the span, with the sentence")
    func badEnd() async throws {
        try await serve(handler: RunningServer.echo) { running, _ in
            let peer = try await running.openScripted()
            try await peer.send([0x81, 0x00])
            _ = try await peer.receiveAll()
        }
        let server = try span(.server)
        #expect(server.status?.code == .error)
        #expect(server.status?.message?.contains("frame from a client is not masked") == true)
        #expect(server.attributes.get("alicorn.close.cause") == .string("violation"))
        #expect(server.attributes.get("error.type") == .string("violation"))
    }

    @Test("a handshake that fails is an error of the client's span, with the status")
    func failedHandshake() async throws {
        let running = try await RunningServer { _ in
            WebSocketServer.Response(ResponseHead(status: 403), body: [])
        }
        var configuration = WebSocketClient.Configuration()
        configuration.observability.tracer = tracer
        await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.connect(to: running.address, configuration: configuration) { _ in }
        }
        try await running.stop()
        let client = try span(.client)
        #expect(client.status?.code == .error)
        #expect(client.attributes.get("http.response.status_code") == .int64(403))
        #expect(client.attributes.get("error.type") == .string("handshakeFailed"))
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("callbacks have their connection's span, which ends with it")
    func callbacks() async throws {
        final class Echo: WebSocketHandler {
            func received(_ kind: MessageKind, _ bytes: Swift.Span<UInt8>, on connection: CallbackConnection) {
                try? connection.send(bytes, as: kind)
            }
        }
        var configuration = WebSocketServer.Configuration()
        configuration.observability.tracer = tracer
        let running = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                callbacks: { _ in Echo() }))
        try await WebSocketClient.connect(to: running.address) { try await $0.send("hello") }
        try await running.stop()
        #expect(try span(.server).attributes.get("alicorn.close.cause") == .string("closed_by_peer"))
        #expect(tracer.activeSpans.isEmpty)
    }
}
#endif
