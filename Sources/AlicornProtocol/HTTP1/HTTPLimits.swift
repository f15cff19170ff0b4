// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How much of an HTTP/1.1 message a peer may send, in bytes unless told otherwise.
///
/// Every limit is on by default; what goes beyond is an ``HTTPViolation``, known as soon as the byte beyond arrives.
public struct HTTPLimits: Sendable, Hashable {
    /// The request line or status line, without its line end: 414 beyond (RFC 9112 §3).
    public var startLine = 8 * 1024
    /// One field line, without its line end: 431 beyond (RFC 6585 §5).
    public var fieldLine = 8 * 1024
    /// Start line, fields and line ends together: 431 beyond (RFC 6585 §5).
    public var head = 64 * 1024
    /// The number of fields, not bytes: 431 beyond (RFC 6585 §5). It holds for trailers too.
    public var fields = 100
    /// What a chunked body may hold beside its data (RFC 9112 §7.1.1): 413 beyond.
    ///
    /// Each chunk pays for 16 bytes of its size line and for two more with each byte of data, so that a long body in
    /// small chunks is not refused; what is left over counts. Trailers may take as much again: 431 beyond.
    public var chunkOverhead = 16 * 1024
    /// The body of a request: 413 beyond, known from `Content-Length` or a chunk's size before the data. `nil`: none. The
    /// servers of `AlicornWebSocket` keep bodies up to this limit for the application, and with `nil` drop them.
    public var requestBody: Int?
    /// How much of a request's body is read and dropped, when it is answered before it was read, to keep the connection.
    public var unreadBody = 64 * 1024
    /// How much of a response's body a client keeps; the rest is not read.
    public var responseBody = 1024 * 1024
    /// How many interim responses a client takes before the final one; not bytes.
    public var interimResponses = 16

    /// The defaults.
    public init() {}
}
