// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// How a line of the access log is made, in gunicorn's and hypercorn's syntax: `%(h)s "%(r)s" %(s)s %(D)s` (P-35).
///
/// Each request, and each WebSocket connection, is one line: written at its end if the format asks for what is known then,
/// else at its start. What is not known or does not apply is `-`. What comes from outside is escaped so that it may stand
/// between quotation marks. ``Atom`` says what there is, beside `%({name}i)s` for a field of the request, `%({name}o)s` for
/// one of the response, and `%%` for a percent sign.
package struct AccessLogFormat: Sendable {
    /// Something that a format can ask for; the raw value is what it is called.
    package enum Atom: String, Sendable, CaseIterable {
        /// The client's address and port.
        case client = "h"
        /// Always `-`: it is there for formats that are taken over.
        case identity = "l"
        /// The user name of `Basic` credentials, which nobody has checked.
        case user = "u"
        /// When the line was written: `[02/Jan/2026:03:04:05 +0000]`.
        case time = "t"
        /// `GET /path?query HTTP/1.1`.
        case requestLine = "r"
        /// The method.
        case method = "m"
        /// The path, with the root path in front, escaped as in a URI.
        case path = "U"
        /// The query as sent.
        case query = "q"
        /// `HTTP/1.1`.
        case version = "H"
        /// The status; 101 for a WebSocket connection.
        case status = "s"
        /// The phrase of the status.
        case phrase = "st"
        /// Bytes of the body, or of the messages sent.
        case bytes = "B"
        /// The same.
        case length = "b"
        /// The request's field `Referer`.
        case referer = "f"
        /// The request's field `User-Agent`.
        case userAgent = "a"
        /// The duration in whole seconds.
        case wholeSeconds = "T"
        /// The duration in milliseconds.
        case milliseconds = "M"
        /// The duration in microseconds.
        case microseconds = "D"
        /// The duration in seconds with six decimals.
        case seconds = "L"
        /// The close code of a WebSocket connection.
        case closeCode = "c"
        /// The reason of that.
        case closeReason = "cr"
        /// Messages received.
        case messagesReceived = "mi"
        /// Messages sent.
        case messagesSent = "mo"
    }

    enum Piece: Sendable {
        case literal(String)
        case atom(Atom)
        case requestField(String)
        case responseField(String)
    }

    let pieces: [Piece]
    /// Whether it asks for what is known only when the response or the connection has ended.
    package let needsEnd: Bool

    /// Reads a format.
    package init(_ text: String) throws(InvalidAccessLogFormat) {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw .controlCharacter
        }
        var pieces: [Piece] = []
        var rest = text[...]
        while let percent = rest.firstIndex(of: "%") {
            if percent > rest.startIndex { pieces.append(.literal(String(rest[..<percent]))) }
            rest = rest[percent...].dropFirst()
            pieces.append(try Self.nextPiece(in: &rest))
        }
        if !rest.isEmpty { pieces.append(.literal(String(rest))) }
        guard !pieces.isEmpty else { throw .empty }
        self.pieces = pieces
        needsEnd = pieces.contains { if case .atom(let atom) = $0 { atom.isKnownAtEnd } else { false } }
    }

    /// Whether the record of that event is the one that is written of its request or connection.
    package func writes(_ event: AccessRecord.Event) -> Bool {
        switch event {
        case .request: true
        case .handshake(let status): status != 101 || !needsEnd
        case .end: needsEnd
        }
    }

    /// Takes what follows a percent sign off the front.
    private static func nextPiece(in rest: inout Substring) throws(InvalidAccessLogFormat) -> Piece {
        if rest.first == "%" {
            rest.removeFirst()
            return .literal("%")
        }
        guard rest.first == "(", let end = rest.firstIndex(of: ")"), rest[end...].dropFirst().first == "s" else {
            throw .malformed("%" + rest.prefix(20))
        }
        let name = String(rest[..<end].dropFirst())
        rest = rest[end...].dropFirst(2)
        return try piece(called: name)
    }

    private static func piece(called name: String) throws(InvalidAccessLogFormat) -> Piece {
        if let atom = Atom(rawValue: name) { return .atom(atom) }
        guard name.first == "{", let end = name.firstIndex(of: "}") else { throw .unknownAtom(name) }
        let field = String(name[..<end].dropFirst())
        let kind = name[end...].dropFirst()
        guard kind == "i" || kind == "o" else { throw .unknownAtom(name) }
        guard !field.isEmpty, field.utf8.allSatisfy(\.isTokenCharacter) else { throw .invalidFieldName(field) }
        return kind == "i" ? .requestField(field) : .responseField(field)
    }
}

extension AccessLogFormat.Atom {
    fileprivate var isKnownAtEnd: Bool {
        switch self {
        case .bytes, .length, .wholeSeconds, .milliseconds, .microseconds, .seconds, .closeCode, .closeReason,
            .messagesReceived, .messagesSent:
            true
        case .client, .identity, .user, .time, .requestLine, .method, .path, .query, .version, .status, .phrase,
            .referer, .userAgent:
            false
        }
    }
}

/// What is wrong with a format for the access log.
package enum InvalidAccessLogFormat: Error, Sendable, Hashable, CustomStringConvertible {
    /// It has nothing in it.
    case empty
    /// It holds a line break or another control character.
    case controlCharacter
    /// At this place stands a percent sign, and not what has to follow it.
    case malformed(String)
    /// There is no atom of that name.
    case unknownAtom(String)
    /// What stands between the braces cannot be the name of a header field.
    case invalidFieldName(String)

    package var description: String {
        switch self {
        case .empty: "the format of the access log is empty; leave it out for uvicorn's lines"
        case .controlCharacter: "the format of the access log holds a control character; a record is one line"
        case .malformed(let text):
            "the format of the access log has \(text.debugDescription), where a percent sign begins an atom such as "
                + "%(h)s; write %% for a percent sign"
        case .unknownAtom(let name):
            "the format of the access log asks for \(name.debugDescription), which is none of "
                + AccessLogFormat.Atom.allCases.map(\.rawValue).joined(separator: ", ")
                + ", {name}i for a field of the request, {name}o for one of the response"
        case .invalidFieldName(let name):
            "the format of the access log asks for the header field \(name.debugDescription), which is no name of one"
        }
    }
}
