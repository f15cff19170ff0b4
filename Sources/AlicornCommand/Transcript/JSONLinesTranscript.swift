// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Foundation
import NIOCore

/// For programs: an object of JSON on each line.
struct JSONLinesTranscript: Transcript {
    let console: any Console
    /// Who is at the other end, where there are several.
    let peer: String?

    /// A line; fields that an event does not have are left out.
    private struct Line: Encodable {
        let event: String
        let time = Date.now
        var peer: String?
        var subprotocol: String?
        var extensions: String?
        var text: String?
        var base64: String?
        var milliseconds: Double?
        var code: UInt16?
        var reason: String?
        var message: String?

        init(_ event: String) { self.event = event }
    }

    func listening(on address: String) { tell("listening", address) }

    func opened(_ connection: WebSocketConnection, hint: String) {
        var line = Line("open")
        line.subprotocol = connection.subprotocol
        line.extensions = connection.response.fields.first("Sec-WebSocket-Extensions")
        write(line)
    }

    func received(_ message: WebSocketMessage) {
        var line = Line(message.isText ? "text" : "binary")
        if message.isText {
            line.text = message.text
        } else {
            line.base64 = LineTranscript.Binary.base64.text(message)
        }
        write(line)
    }

    func answered(after roundTrip: Duration) {
        var line = Line("pong")
        line.milliseconds = roundTrip / .milliseconds(1)
        write(line)
    }

    func closed(_ closure: Closure) {
        var line = Line("close")
        line.code = closure.code.rawValue
        line.reason = closure.received?.reason ?? ""
        line.message = "\(closure)"
        write(line)
    }

    func complained(_ sentence: String) { tell("complaint", sentence) }
    func noted(_ sentence: String) { tell("note", sentence) }
    func traced(_ line: String) { tell("wire", line) }
    func failed(_ sentence: String) { tell("error", sentence) }
    func helped(_ text: String) {}

    private func tell(_ event: String, _ message: String) {
        var line = Line(event)
        line.message = message
        write(line)
    }

    private func write(_ line: Line) {
        let encoder = JSONEncoder.forPrograms()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        var line = line
        line.peer = peer
        if let text = encoder.text(of: line) { console.show(text) }
    }
}

extension InputLine {
    /// What a line of JSON asks for: `{"text": "…"}`, `{"base64": "…"}`, `{"ping": "…"}`, `{"pong": "…"}`, or
    /// `{"close": 1000, "reason": "…"}`.
    init(json line: String) {
        struct Wish: Decodable {
            var text: String?
            var base64: String?
            var ping: String?
            var pong: String?
            var close: UInt16?
            var reason: String?
        }
        let wish: Wish
        do { wish = try JSONDecoder().decode(Wish.self, from: Data(line.utf8)) } catch {
            self = .unknown("this is no object of JSON that is understood: \(Excerpt(line))")
            return
        }
        if let text = wish.text {
            self = .send(.text(text))
        } else if let base64 = wish.base64 {
            self = Self(message: base64, as: .base64)
        } else if let ping = wish.ping {
            self = .ping(ping.isEmpty ? nil : Array(ping.utf8))
        } else if let pong = wish.pong {
            self = .pong(Array(pong.utf8))
        } else if let code = wish.close {
            self = Self(typed: "/close \(code) \(wish.reason ?? "")", as: .text)
        } else {
            self = .unknown("an object needs text, base64, ping, pong or close: \(Excerpt(line))")
        }
    }
}
