// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if Tracing
import AlicornProtocol
import AlicornTransport
import Synchronization
import Tracing

/// Makes the spans of connections with swift-distributed-tracing.
///
/// Attributes have the names of OpenTelemetry's semantic conventions where there are such.
final class TracedSpans: ConnectionSpans {
    private let role: Role
    private let tracer: any Tracer
    private let instrument: any Instrument
    /// The spans of open connections, by the serial numbers of their transports; a client's only one by 0.
    private let spans = Mutex<[UInt64: any Span]>([:])

    /// - Parameter tracer: `nil` for what the process was bootstrapped with.
    /// - Returns: `nil` when spans would go nowhere.
    init?(_ role: Role, tracer: (any Tracer)?) {
        self.role = role
        self.tracer = tracer ?? InstrumentationSystem.tracer
        instrument = tracer ?? InstrumentationSystem.instrument
        if self.tracer is NoOpTracer { return nil }
    }

    private func key(_ transport: any ConnectionTransport) -> UInt64 { role == .client ? 0 : transport.serial }

    func begin(_ request: RequestHead, on transport: any ConnectionTransport) {
        var context = ServiceContext.topLevel
        instrument.extract(request.fields, into: &context, using: FieldExtractor())
        let target = request.target.split(separator: "?", maxSplits: 1)
        let span = start(.server, in: context, path: target.first.map(String.init) ?? "/")
        span.attributes["http.request.method"] = request.method
        span.attributes["http.response.status_code"] = 101
        if target.count > 1 { span.attributes["url.query"] = String(target[1]) }
        if let host = request.fields.first("Host").flatMap({ try? HostAndPort(header: $0.utf8) }) {
            span.attributes["server.address"] = host.host.text
            if let port = host.port { span.attributes["server.port"] = port }
        }
        if let agent = request.fields.first("User-Agent") { span.attributes["user_agent.original"] = agent }
        span.attributes["network.peer.address"] = "\(transport.remoteEndpoint)"
        span.attributes["alicorn.connection.id"] = "\(ConnectionID(rawValue: transport.serial))"
        spans.withLock { $0[key(transport)] = span }
    }

    func begin(to uri: WebSocketURI, _ fields: inout [HeaderField]) {
        let span = start(.client, in: .current ?? .topLevel, path: uri.path)
        span.attributes["server.address"] = uri.host
        span.attributes["server.port"] = uri.port
        span.attributes["url.scheme"] = uri.isSecure ? "wss" : "ws"
        instrument.inject(span.context, into: &fields, using: FieldInjector())
        spans.withLock { $0[0] = span }
    }

    private func start(_ kind: SpanKind, in context: ServiceContext, path: String) -> any Span {
        let span = tracer.startSpan("WebSocket \(path)", context: context, ofKind: kind)
        span.attributes["network.protocol.name"] = "websocket"
        span.attributes["url.path"] = path
        return span
    }

    func fail(_ error: any Error) {
        guard let span = take(0) else { return }
        if let status = (error as? WebSocketError)?.response?.head.status {
            span.attributes["http.response.status_code"] = status
        }
        span.attributes["error.type"] = (error as? WebSocketError)?.code.description ?? "\(type(of: error))"
        span.recordError(error)
        span.setStatus(SpanStatus(code: .error, message: "\(error)"))
        span.end()
    }

    func end(_ closure: Closure, on transport: any ConnectionTransport) {
        guard let span = take(key(transport)) else { return }
        if role == .client { span.attributes["http.response.status_code"] = 101 }
        span.attributes["alicorn.close.code"] = Int(closure.code.rawValue)
        span.attributes["alicorn.close.cause"] = closure.cause.label
        if !closure.isNormal {
            span.attributes["error.type"] = closure.cause.label
            span.setStatus(SpanStatus(code: .error, message: "\(closure)"))
        }
        span.end()
    }

    private func take(_ key: UInt64) -> (any Span)? { spans.withLock { $0.removeValue(forKey: key) } }

    private func context(_ transport: any ConnectionTransport) -> ServiceContext? {
        spans.withLock { $0[key(transport)] }?.context ?? .current
    }

    func run<Result>(on transport: any ConnectionTransport, _ body: () throws -> Result) rethrows -> Result {
        try ServiceContext.withValue(context(transport), operation: body)
    }

    func run<Result>(
        on transport: any ConnectionTransport, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await ServiceContext.$current.withValue(context(transport), operation: body)
    }
}

private struct FieldExtractor: Extractor {
    func extract(key: String, from fields: HeaderFields) -> String? { fields.first(key) }
}

private struct FieldInjector: Injector {
    func inject(_ value: String, forKey key: String, into fields: inout [HeaderField]) {
        fields.removeAll { $0.name.lowercased() == key.lowercased() }
        fields.append(HeaderField(name: key, value: value))
    }
}
#endif
