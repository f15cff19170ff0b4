// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Foundation
import NIOCore

/// For people, and for pipes that want messages and nothing else.
struct LineTranscript: Transcript {
    /// What binary messages are shown as.
    enum Binary: String, CaseIterable {
        case hex, base64

        func text(_ message: WebSocketMessage) -> String {
            let bytes = Array(message.buffer.readableBytesView)
            return switch self {
            case .hex: bytes.hexadecimal
            case .base64: Data(bytes).base64EncodedString()
            }
        }
    }

    let console: any Console
    /// Who is at the other end, where there are several.
    let peer: String?
    /// Whether somebody looks at it: then all is told, each message with a mark, and no byte of a peer's works the terminal.
    let isForPeople: Bool
    let hasColors: Bool
    let hasTimes: Bool
    let isPretty: Bool
    let binary: Binary

    func listening(on address: String) { console.show("listening on \(address)") }

    func opened(_ connection: WebSocketConnection, hint: String) {
        var sentence = "Connected"
        if let subprotocol = connection.subprotocol { sentence += ", subprotocol \(subprotocol)" }
        if let extensions = connection.response.fields.first("Sec-WebSocket-Extensions") {
            sentence += ", extensions \(extensions.escapedForLog)"
        }
        noted("\(sentence).\(hint.isEmpty ? "" : " ")\(hint)")
    }

    func received(_ message: WebSocketMessage) {
        var text = message.isText ? message.text : binary.text(message)
        if message.isText, isPretty, let pretty = JSONText.pretty(text) { text = pretty }
        guard isForPeople else { return console.show(time + subject + text) }
        let mark = message.isText ? "< " : "< (binary) "
        show(mark + text.escapedForTerminal, .cyan)
    }

    func answered(after roundTrip: Duration) {
        noted("The ping was answered after \(roundTrip.shown).")
    }

    func closed(_ closure: Closure) {
        if isForPeople {
            show("Connection closed: \(closure.code.isNormal ? "\(closure.code)" : "\(closure)").", .yellow)
        } else if !closure.code.isNormal {
            failed("\(closure)")
        }
    }

    func complained(_ sentence: String) {
        if isForPeople { show(sentence, .red) } else { PlainConsole.complain(sentence) }
    }

    func noted(_ sentence: String) { if isForPeople { show(sentence, .gray) } }

    func traced(_ line: String) {
        let color: TerminalColor =
            switch line.first {
            case ">": .green
            case "<": .cyan
            case "!", "-": .red
            default: .gray
            }
        if isForPeople { show(line, color) } else { PlainConsole.complain(subject + line) }
    }

    func failed(_ sentence: String) { PlainConsole.complain("alicorn: \(sentence)") }

    func helped(_ text: String) { console.show(text) }

    private func show(_ text: String, _ color: TerminalColor) {
        console.show(
            (time + subject).colored(.gray, if: hasColors && (hasTimes || peer != nil))
                + text.colored(color, if: hasColors))
    }

    private var subject: String { peer.map { "\($0) " } ?? "" }

    /// The time of the day, and a blank.
    private var time: String {
        guard hasTimes else { return "" }
        var (now, parts) = (timeval(), tm())
        gettimeofday(&now, nil)
        localtime_r(&now.tv_sec, &parts)
        return String(
            format: "%02d:%02d:%02d.%03d ", parts.tm_hour, parts.tm_min, parts.tm_sec, Int(now.tv_usec) / 1000)
    }
}

extension String {
    /// The text with all that would work a terminal escaped; its line breaks stay (CLI-03).
    var escapedForTerminal: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).escapedForLog }.joined(
            separator: "\n")
    }
}
