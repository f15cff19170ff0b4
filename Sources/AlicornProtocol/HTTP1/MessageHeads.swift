// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The version in a start line (RFC 9112 §2.3); the major number is always 1 here.
public struct HTTPVersion: Sendable, Hashable, Comparable {
    /// The minor number: 0 or 1; a peer that says more is treated as 1.1 (RFC 9110 §2.5).
    public var minor: Int

    /// HTTP/1.0: connections close after a response, there is no chunked coding and no upgrade.
    public static let http10 = Self(minor: 0)
    /// HTTP/1.1, RFC 9112.
    public static let http11 = Self(minor: 1)

    /// Whether `left` is the older version.
    public static func < (left: Self, right: Self) -> Bool { left.minor < right.minor }
}

/// A request without its body (RFC 9112 §3).
public struct RequestHead: Sendable {
    /// The method, case as sent: methods are case-sensitive (RFC 9110 §9.1).
    public var method: String
    /// The request target, exactly as sent: still percent-encoded, query included.
    public var target: String
    /// The version that the client speaks.
    public var version: HTTPVersion
    /// The header fields, in wire order.
    public var fields: HeaderFields

    /// Makes a request to send. Method and target are checked when it is serialized.
    public init(
        method: String, target: String, version: HTTPVersion = .http11, fields: HeaderFields = HeaderFields()
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
    }
}

/// A response without its body (RFC 9112 §4).
public struct ResponseHead: Sendable {
    /// The status code, 100 to 599.
    public var status: Int
    /// The reason phrase; it has no meaning (RFC 9112 §4).
    public var reason: String
    /// The version that the server speaks.
    public var version: HTTPVersion
    /// The header fields, in wire order.
    public var fields: HeaderFields

    /// Makes a response to send.
    ///
    /// - Parameter reason: the registered phrase for `status` if `nil`.
    public init(
        status: Int, reason: String? = nil, version: HTTPVersion = .http11, fields: HeaderFields = HeaderFields()
    ) {
        self.status = status
        self.reason = reason ?? ReasonPhrase.standard(for: status)
        self.version = version
        self.fields = fields
    }
}

/// The reason phrases of RFC 9110 §15 and RFC 6585.
public enum ReasonPhrase {
    /// The registered phrase for a status code, or an empty one.
    public static func standard(for status: Int) -> String { phrases[status] ?? "" }

    private static let phrases: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 103: "Early Hints",
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        205: "Reset Content", 206: "Partial Content",
        300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        417: "Expectation Failed", 421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early",
        426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
        511: "Network Authentication Required",
    ]
}
