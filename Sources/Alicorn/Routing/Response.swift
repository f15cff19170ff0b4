// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import AlicornProtocol
public import Foundation
public import NIOCore

/// The answer to a request.
public struct Response: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields. `content-length` is added where the length is known.
    public var headers: HeaderFields
    let body: Body

    /// Where the body comes from.
    enum Body: Sendable {
        case bytes(ByteBuffer)
        case stream(@Sendable (BodyWriter) async throws -> Void)
        case file(OpenFile, Range<Int>)
        /// There is no answer: the request has become a WebSocket connection.
        case connection
    }

    init(_ status: Int, _ headers: HeaderFields, _ body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A body of bytes.
    ///
    /// - Throws: ``AlicornProtocol/InvalidHeaderField`` for a content type that cannot be sent.
    public static func bytes(
        _ bytes: ByteBuffer, status: Int = 200, contentType: String = "application/octet-stream"
    ) throws(InvalidHeaderField) -> Self {
        var headers = HeaderFields()
        try headers.append(name: "content-type", value: contentType)
        return Self(status, headers, .bytes(bytes))
    }

    /// A plain text.
    public static func text(_ text: String, status: Int = 200) -> Self {
        Self(status, HeaderFields(), .bytes(ByteBuffer(string: text)))
            .adding("content-type", "text/plain; charset=utf-8")
    }

    /// A page.
    public static func html(_ text: String, status: Int = 200) -> Self {
        Self(status, HeaderFields(), .bytes(ByteBuffer(string: text)))
            .adding("content-type", "text/html; charset=utf-8")
    }

    /// A value as JSON.
    ///
    /// - Throws: what the encoder throws.
    public static func json(
        _ value: some Encodable, status: Int = 200, by encoder: JSONEncoder = JSONEncoder()
    ) throws -> Self {
        Self(status, HeaderFields(), .bytes(ByteBuffer(bytes: try encoder.encode(value))))
            .adding("content-type", "application/json")
    }

    /// No body.
    public static func empty(status: Int = 204) -> Self { Self(status, HeaderFields(), .bytes(ByteBuffer())) }

    /// The way to another place.
    ///
    /// - Parameters:
    ///   - location: a path or an address, escaped as it stands in URIs. What a client has a say in must not begin with two
    ///     slashes: behind them stands a host.
    ///   - status: 307 has the client send the request as it was; 303 has it ask with GET.
    /// - Throws: ``AlicornProtocol/InvalidHeaderField`` for a location that cannot be sent.
    public static func redirect(to location: String, status: Int = 307) throws(InvalidHeaderField) -> Self {
        var headers = HeaderFields()
        try headers.append(name: "location", value: location)
        return Self(status, headers, .bytes(ByteBuffer()))
    }

    /// A body that is written while it is sent.
    ///
    /// An error before the first piece is answered with 500; behind that the response is cut off, for the client to see. HEAD
    /// does not call `write`.
    ///
    /// - Throws: ``AlicornProtocol/InvalidHeaderField`` for a content type that cannot be sent.
    public static func stream(
        status: Int = 200, contentType: String, write: @escaping @Sendable (BodyWriter) async throws -> Void
    ) throws(InvalidHeaderField) -> Self {
        var headers = HeaderFields()
        try headers.append(name: "content-type", value: contentType)
        return Self(status, headers, .stream(write))
    }

    /// What tells that a WebSocket connection was opened.
    static var upgraded: Self { Self(101, HeaderFields(), .connection) }

    /// The same with one more header field, which is known to be one that can be sent.
    func adding(_ name: String, _ value: String) -> Self {
        var response = self
        try? response.headers.append(name: name, value: value)
        return response
    }
}

/// Writes the body of a response, piece by piece. From any task of the handler's, one at a time.
public struct BodyWriter: Sendable {
    let exchange: RequestContext.Exchange

    /// Sends a piece; waits while the client reads more slowly.
    ///
    /// - Throws: ``AlicornASGI/ClientDisconnected`` when the client is gone; let that escape.
    public func write(_ bytes: ByteBuffer) async throws { try await exchange.write(bytes, hasMore: true) }

    /// Sends a text.
    public func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
}
