// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// In which order an application may send the events of a response (A-HE-03 to A-HE-05, A-EX-03 to A-EX-06).
///
/// ```
///        start            body, more: none          trailers, more: none
/// due ──────────▶ begun ────────────────────▶ ended ◀──────────────────── trailersDue
///   │ ▲            │  ▲ │                                                     ▲
///   └─┘            └──┘ └─────────────────── body, more: none ────────────────┘
/// early hints   body, more                  (trailers were announced)
///
///        a file by its path
/// begun ─────────────────────▶ file       as begun, for the bytes of that file alone; not after any body
/// ```
struct ResponseOrder: ~Copyable {
    private enum State {
        case due
        case begun(announcesTrailers: Bool, hasBody: Bool)
        case file(announcesTrailers: Bool)
        case trailersDue
        case ended
    }

    private var state = State.due
    /// The names of the events: those of a response, or those of the denial of a handshake (A-EX-01).
    private let names: Names

    /// What the events are called.
    enum Names: Sendable {
        case http, denial

        var start: String {
            switch self {
            case .http: "http.response.start"
            case .denial: "websocket.http.response.start"
            }
        }
        var body: String {
            switch self {
            case .http: "http.response.body"
            case .denial: "websocket.http.response.body"
            }
        }
        /// What else may come instead of the start.
        var alternatives: [String] {
            switch self {
            case .http: []
            case .denial: ["websocket.accept", "websocket.close"]
            }
        }
    }

    init(_ names: Names) { self.names = names }

    /// Whether nothing was sent yet.
    var isDue: Bool { if case .due = state { true } else { false } }
    /// Whether everything was.
    var hasEnded: Bool { if case .ended = state { true } else { false } }

    mutating func start(announcesTrailers: Bool) throws(ASGIMisuse) {
        switch state {
        case .due: state = .begun(announcesTrailers: announcesTrailers, hasBody: false)
        case .begun, .file, .trailersDue, .ended: throw misuse(names.start)
        }
    }

    /// - Returns: whether the response ends with it.
    mutating func body(hasMore: Bool, from source: BodySource) throws(ASGIMisuse) -> Bool {
        let hasTrailers: Bool
        switch state {
        case .begun(let announcesTrailers, _):
            guard source != .path else { throw misuse(Self.pathSend) }
            hasTrailers = announcesTrailers
            state = .begun(announcesTrailers: announcesTrailers, hasBody: true)
        case .file(let announcesTrailers):
            guard source == .path else { throw misuse(source.event ?? names.body) }
            hasTrailers = announcesTrailers
        case .due, .trailersDue, .ended: throw misuse(source.event ?? names.body)
        }
        if hasMore { return false }
        state = hasTrailers ? .trailersDue : .ended
        return !hasTrailers
    }

    /// From here on nothing but one file is the body (A-EX-04).
    mutating func file() throws(ASGIMisuse) {
        guard case .begun(let announcesTrailers, hasBody: false) = state else { throw misuse(Self.pathSend) }
        state = .file(announcesTrailers: announcesTrailers)
    }

    fileprivate static let pathSend = "http.response.pathsend"

    /// - Returns: whether the response ends with it.
    mutating func trailers(haveMore: Bool) throws(ASGIMisuse) -> Bool {
        guard case .trailersDue = state else { throw misuse(Self.trailers) }
        if !haveMore { state = .ended }
        return !haveMore
    }

    /// A hint may be sent until the response's body is.
    func earlyHint() throws(ASGIMisuse) {
        switch state {
        case .due, .begun: break
        case .file, .trailersDue, .ended: throw misuse("http.response.early_hint")
        }
    }

    /// What is for tests to see comes before the response (A-EX-07).
    func debug() throws(ASGIMisuse) {
        guard isDue else { throw misuse("http.response.debug") }
    }

    private static let trailers = "http.response.trailers"

    private func misuse(_ event: String) -> ASGIMisuse {
        switch state {
        case .due: .unexpected(event, expected: names.alternatives + [names.start])
        case .begun: .unexpected(event, expected: [names.body])
        case .trailersDue: .unexpected(event, expected: [Self.trailers])
        // The file is all that was to be sent.
        case .file(announcesTrailers: true): .unexpected(event, expected: [Self.trailers])
        case .file, .ended: names.alternatives.isEmpty ? .afterResponse(event) : .afterClose(event)
        }
    }
}

/// Where a piece of a body comes from.
package enum BodySource: Sendable, Hashable {
    /// The application's own bytes (A-HE-04).
    case application
    /// An open file, which may be mixed with the application's bytes (A-EX-03).
    case descriptor
    /// A file by its path, which is the whole body (A-EX-04).
    case path

    /// The name of its event; `nil` where that is one of the response's ``ResponseOrder/Names``.
    fileprivate var event: String? {
        switch self {
        case .application: nil
        case .descriptor: "http.response.zerocopysend"
        case .path: ResponseOrder.pathSend
        }
    }
}
