// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What is wrong with a route, or with how its parameters are asked for: a fault of the program, never of the peer.
public enum RoutingMisuse: Error, Sendable, Hashable {
    /// A pattern that does not begin with a slash.
    case noLeadingSlash(String)
    /// A parameter that is not a segment of the form `{name}` or `{name:converter}`.
    case malformedParameter(String, pattern: String)
    /// A converter that does not exist.
    case unknownConverter(String, pattern: String)
    /// Two parameters of one name.
    case repeatedParameter(String, pattern: String)
    /// Something behind a parameter that takes the rest of the path.
    case pathNotLast(String)
    /// Two routes for the same requests.
    case ambiguous(String)
    /// A method that is not a token (RFC 9110 §9.1).
    case method(String)
    /// A redirect to a parameter that its pattern does not have.
    case unknownParameter(String, pattern: String)
    /// A redirect with a status that is none of 301, 302, 303, 307 and 308.
    case redirectStatus(Int)
    /// A folder to serve files from that is not there, or is none.
    case noFolder(String)
}

extension RoutingMisuse: CustomStringConvertible {
    /// A sentence that tells what is wrong and what to do.
    public var description: String {
        switch self {
        case .noLeadingSlash(let pattern): "the route \(Excerpt(pattern)) does not begin with a slash: write one"
        case .malformedParameter(let segment, let pattern):
            "the segment \(Excerpt(segment)) of the route \(Excerpt(pattern)) is no parameter: "
                + "a whole segment is {name} or {name:converter}"
        case .unknownConverter(let converter, let pattern):
            "the route \(Excerpt(pattern)) has the unknown converter \(Excerpt(converter)): "
                + "use \(PathConverter.allCases.map(\.rawValue).joined(separator: ", "))"
        case .repeatedParameter(let name, let pattern):
            "the route \(Excerpt(pattern)) has two parameters named \(Excerpt(name)): rename one"
        case .pathNotLast(let pattern):
            "the route \(Excerpt(pattern)) goes on behind a parameter that takes all the rest"
        case .ambiguous(let pattern): "there is a route for the same requests as \(Excerpt(pattern)) already"
        case .method(let method): "\(Excerpt(method)) is not a method: only token characters may stand in its name"
        case .unknownParameter(let name, let pattern):
            "the route \(Excerpt(pattern)) has no parameter \(Excerpt(name))"
        case .redirectStatus(let status): "\(status) is not the status of a redirect: use 301, 302, 303, 307 or 308"
        case .noFolder(let path): "there is no folder \(Excerpt(path)) to serve files from"
        }
    }
}
