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
    public static func standard(for status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 425: "Too Early"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 451: "Unavailable For Legal Reasons"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        case 511: "Network Authentication Required"
        default: ""
        }
    }
}
