// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Where a route sends its requests.
struct Redirect: Sendable {
    private enum Piece: Sendable {
        case text(String)
        case parameter(String)
    }

    private let pieces: [Piece]
    private let status: Int
    private let hasQuery: Bool

    init(_ pattern: String, to target: String, status: Int) throws(RoutingMisuse) {
        guard [301, 302, 303, 307, 308].contains(status) else { throw .redirectStatus(status) }
        let names = try RouteTable<Void>.names(in: pattern)
        var pieces: [Piece] = []
        var rest = target[...]
        while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: start)..<end])
            guard names.contains(name) else { throw .unknownParameter(name, pattern: pattern) }
            pieces += [.text(String(rest[..<start])), .parameter(name)]
            rest = rest[rest.index(after: end)...]
        }
        self.pieces = pieces + [.text(String(rest))]
        self.status = status
        hasQuery = target.contains("?")
    }

    /// RFC 9110 §15.4: the place is in `Location`.
    func response(to request: WebSocketServer.Request, _ parameters: PathParameters) -> WebSocketServer.Response {
        var location = ""
        for piece in pieces {
            switch piece {
            case .text(let text): location += text
            case .parameter(let name): location += PercentEncoding.encode(path: parameters[name] ?? "")
            }
        }
        if !hasQuery { location += request.head.pathAndQuery.drop { $0 != "?" } }
        // Behind a second slash would stand a host: nobody else's, whatever the path.
        if location.hasPrefix("//") { location = "/." + location }
        return .text("See \(location)\n", status: status).adding("Location", location)
    }
}
