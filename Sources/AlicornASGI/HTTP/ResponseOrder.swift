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
/// ```
struct ResponseOrder: ~Copyable {
    private enum State {
        case due
        case begun(announcesTrailers: Bool)
        case trailersDue
        case ended
    }

    private var state = State.due
    /// The names of the events: those of a response, or those of the denial of a handshake (A-EX-01).
    private let names: Names

    /// What the events are called.
    struct Names: Sendable {
        let start, body: String
        /// What else may come instead of the start.
        let alternatives: [String]

        static let http = Self(start: "http.response.start", body: "http.response.body", alternatives: [])
        static let denial = Self(
            start: "websocket.http.response.start", body: "websocket.http.response.body",
            alternatives: ["websocket.accept", "websocket.close"])
    }

    init(_ names: Names) { self.names = names }

    /// Whether nothing was sent yet.
    var isDue: Bool { if case .due = state { true } else { false } }
    /// Whether everything was.
    var hasEnded: Bool { if case .ended = state { true } else { false } }

    mutating func start(announcesTrailers: Bool) throws(ASGIMisuse) {
        switch state {
        case .due: state = .begun(announcesTrailers: announcesTrailers)
        case .begun, .trailersDue, .ended: throw misuse(names.start)
        }
    }

    /// - Returns: whether the response ends with it.
    mutating func body(hasMore: Bool, event: String? = nil) throws(ASGIMisuse) -> Bool {
        guard case .begun(let announcesTrailers) = state else { throw misuse(event ?? names.body) }
        if hasMore { return false }
        state = announcesTrailers ? .trailersDue : .ended
        return !announcesTrailers
    }

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
        case .trailersDue, .ended: throw misuse("http.response.early_hint")
        }
    }

    private static let trailers = "http.response.trailers"

    private func misuse(_ event: String) -> ASGIMisuse {
        switch state {
        case .due: .unexpected(event, expected: names.alternatives + [names.start])
        case .begun: .unexpected(event, expected: [names.body])
        case .trailersDue: .unexpected(event, expected: [Self.trailers])
        case .ended: names.alternatives.isEmpty ? .afterResponse(event) : .afterClose(event)
        }
    }
}
