// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Foundation
import NIOCore

/// What a line of input asks for.
enum InputLine: Hashable {
    case send(WebSocketMessage)
    case ping([UInt8]?)
    case pong([UInt8])
    case close(CloseFrame)
    case help
    case nothing
    /// It asks for something that there is not; a sentence.
    case unknown(String)

    /// What lines are made into.
    enum Encoding: String, CaseIterable {
        /// A text message.
        case text
        /// A binary message of the line's bytes.
        case binary
        /// A binary message of the bytes that the line has as hexadecimal digits.
        case hex
        /// A binary message of the bytes that the line has in Base64 (RFC 4648 §4).
        case base64

        func message(_ line: String) -> WebSocketMessage? {
            switch self {
            case .text: .text(line)
            case .binary: .binary(ByteBuffer(string: line))
            case .hex: [UInt8](hexadecimal: line).map { .binary(ByteBuffer(bytes: $0)) }
            case .base64: Data(base64Encoded: line).map { .binary(ByteBuffer(bytes: $0)) }
            }
        }
    }

    /// A line that is a message, whatever it begins with.
    init(message line: String, as encoding: Encoding) {
        self = encoding.message(line).map { .send($0) } ?? .unknown("this is no \(encoding.rawValue): \(Excerpt(line))")
    }

    /// A line that somebody types: one that begins with a slash is a command, with two of them a message that begins with one.
    init(typed line: String, as encoding: Encoding) {
        guard line.hasPrefix("/") else {
            self = line.isEmpty ? .nothing : Self(message: line, as: encoding)
            return
        }
        let words = line.dropFirst().split(separator: " ", maxSplits: 1)
        let argument = words.count > 1 ? String(words[1]) : ""
        switch words.first.map(String.init) ?? "" {
        case "text": self = .send(.text(argument))
        case "binary", "hex": self = Self(message: argument, as: .hex)
        case "base64": self = Self(message: argument, as: .base64)
        case "file": self = Self(file: argument)
        case "ping": self = .ping(argument.isEmpty ? nil : Array(argument.utf8))
        case "pong": self = .pong(Array(argument.utf8))
        case "close": self = Self(close: argument)
        case "quit", "exit": self = .close(CloseFrame(.normalClosure))
        case "help", "?": self = .help
        case _ where line.hasPrefix("//"): self = Self(message: String(line.dropFirst()), as: encoding)
        case let name:
            self = .unknown("there is no /\(name): /help lists the commands, and // begins a message with a slash")
        }
    }

    private init(file path: String) {
        guard !path.isEmpty, let data = FileManager.default.contents(atPath: path) else {
            self = .unknown("the file \(Excerpt(path)) cannot be read")
            return
        }
        self = .send(.binary(ByteBuffer(bytes: data)))
    }

    private init(close words: String) {
        let parts = words.split(separator: " ", maxSplits: 1)
        guard let first = parts.first else {
            self = .close(CloseFrame(.normalClosure))
            return
        }
        guard let number = UInt16(first), CloseCode(rawValue: number).isAllowedOnTheWire else {
            self = .unknown("\(Excerpt(String(first))) is no close code that may be sent: 1000, 1001, or 3000 to 4999")
            return
        }
        let reason = parts.count > 1 ? String(parts[1]) : ""
        guard reason.utf8.count <= CloseFrame.maximumReasonLength else {
            self = .unknown("a reason has at most \(CloseFrame.maximumReasonLength) bytes")
            return
        }
        self = .close(CloseFrame(CloseCode(rawValue: number), reason: reason))
    }

    /// What `/help` shows.
    static let helpText = """
        A line is a message. Commands:
          /text MESSAGE          send text
          /binary HEX            send binary, such as /binary 00 ff
          /base64 DATA           send binary, in Base64
          /file PATH             send what a file holds, as binary
          /ping [PAYLOAD]        send a ping, and tell its round trip
          /pong [PAYLOAD]        send a pong that answers nothing
          /close [CODE [REASON]] close the connection; 1000 unless given
          /quit                  the same as /close and Ctrl-D
          //MESSAGE              send a message that begins with a slash
        """
}

extension Array where Element == UInt8 {
    /// Bytes of pairs of hexadecimal digits, with blanks wherever.
    init?(hexadecimal text: String) {
        let digits = text.filter { !$0.isWhitespace }
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0.isHexDigit && $0.isASCII }) else { return nil }
        let values = digits.map { UInt8($0.hexDigitValue ?? 0) }
        self = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// Pairs of hexadecimal digits.
    var hexadecimal: String {
        let digits = Array<Character>("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] })
    }
}
