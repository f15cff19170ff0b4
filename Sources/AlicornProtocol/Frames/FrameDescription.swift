// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A frame as it stands in a log: `TEXT 'hello' [5 bytes]`, `BINARY 00 ff [2 bytes]`, `CLOSE 1000 (OK) [2 bytes]`.
///
/// The payload shows as text where it is text, whatever the opcode says, else in hexadecimal; what differs from the
/// opcode's own kind is named in the brackets, and so is a frame with more to follow: `CONT 'lo' [text, 2 bytes, continued]`.
/// Longer payloads keep their two ends, with `...` between. The frame may be invalid in any way.
///
/// Costs the same for a payload of any length: its middle is never looked at.
public struct FrameDescription: Sendable, Hashable, CustomStringConvertible {
    /// The line.
    public let description: String

    /// Describes a frame.
    ///
    /// - Parameter payload: unmasked; of a compressed message, as it was before or after, whichever is to be shown.
    public init(opcode: Opcode, fin: Bool = true, payload: Span<UInt8>) {
        self.init(opcode: opcode, fin: fin, excerpt: payload, length: payload.count)
    }

    /// Describes a frame of which only the two ends were kept.
    ///
    /// - Parameter excerpt: all of the payload, or of a longer one its first ``headBytes`` and last ``tailBytes``.
    package init(opcode: Opcode, fin: Bool, excerpt: Span<UInt8>, length: Int) {
        let shown = Shown(opcode, fin: fin, excerpt, length: length)
        let kind = shown.isText == opcode.isUsuallyText ? nil : shown.isText == true ? "text" : "binary"
        let length = length == 1 ? "1 byte" : "\(length) bytes"
        let details = [kind, length, fin ? nil : "continued"].compactMap { $0 }.joined(separator: ", ")
        description = "\(opcode.logName) \(shown.text) [\(details)]"
    }

    /// Whether a line of a log is a frame's, by its ends.
    package static func isForm(of line: Substring) -> Bool {
        line.last == "]" && line.firstIndex(of: " ").map { Opcode.logNames.contains(line[..<$0]) } == true
    }

    /// The longest form of a payload, in Unicode scalars: the first 48, `...` and the last 24.
    public static let maximumPayloadLength = headLength + 3 + tailLength

    fileprivate static let headLength = 48
    fileprivate static let tailLength = 24

    /// Bytes that hold the scalars shown of each end however long they are, and the cut ones beside them.
    package static let headBytes = 4 * (headLength + 2)
    package static let tailBytes = 4 * (tailLength + 1)
}

/// How a payload is shown, and as which kind; `nil` for one without bytes, which is neither.
private struct Shown {
    var text: String
    var isText: Bool?

    init(_ opcode: Opcode, fin: Bool, _ payload: Span<UInt8>, length: Int) {
        if payload.isEmpty {
            self.init("''", isText: opcode.isUsuallyText)
        } else if opcode == .close {
            self.init(close: payload)
        } else if opcode.isControl {
            self.init(control: payload)
        } else {
            self.init(data: payload, length: length, mayBeginInside: opcode == .continuation, mayEndInside: !fin)
        }
    }

    private init(_ text: String, isText: Bool?) {
        self.text = text
        self.isText = isText
    }

    private init(hexadecimal payload: Span<UInt8>) {
        let most = (FrameDescription.maximumPayloadLength + 1) / 3
        if payload.count <= most {
            self.init(Self.hexadecimal(payload), isText: false)
        } else {
            let head = payload.extracting(first: FrameDescription.headLength / 3)
            let tail = payload.extracting(last: FrameDescription.tailLength / 3)
            self.init(Self.hexadecimal(head) + " ... " + Self.hexadecimal(tail), isText: false)
        }
    }

    private init(close payload: Span<UInt8>) {
        guard payload.count <= 125, let frame = try? CloseFrame(payload: payload) else {
            self.init(hexadecimal: payload)
            return
        }
        self.init(Self.elided(frame.description), isText: true)
    }

    /// Only ASCII counts as text: four random bytes are UTF-8 by chance too often.
    private init(control payload: Span<UInt8>) {
        let shown = payload.extracting(first: Self.headBytes)
        guard shown.indices.allSatisfy({ shown[$0] >= 0x20 && shown[$0] < 0x7F }) else {
            self.init(hexadecimal: payload)
            return
        }
        let tail = payload.extracting(last: min(Self.tailBytes, payload.count - shown.count))
        self.init(Self.quoted(shown, tail), isText: true)
    }

    private init(data payload: Span<UInt8>, length: Int, mayBeginInside: Bool, mayEndInside: Bool) {
        let isElided = length > Self.headBytes + Self.tailBytes
        let head = isElided ? payload.extracting(first: Self.headBytes) : payload
        let tail = isElided ? payload.extracting(last: Self.tailBytes) : payload.extracting(last: 0)
        guard Self.isText(head, mayBeginInside: mayBeginInside, mayEndInside: isElided || mayEndInside),
            !isElided || Self.isText(tail, mayBeginInside: true, mayEndInside: mayEndInside)
        else {
            self.init(hexadecimal: payload)
            return
        }
        self.init(Self.quoted(head, tail), isText: true)
    }

    private static let headBytes = FrameDescription.headBytes
    private static let tailBytes = FrameDescription.tailBytes

    /// Whether the bytes are UTF-8, but perhaps for a character that was cut at an end.
    private static func isText(_ bytes: Span<UInt8>, mayBeginInside: Bool, mayEndInside: Bool) -> Bool {
        var start = 0
        if mayBeginInside {
            while start < min(3, bytes.count), bytes[start] & 0xC0 == 0x80 { start += 1 }
        }
        var validator = UTF8Validator()
        return validator.firstInvalidByte(in: bytes, start..<bytes.count) == nil
            && (mayEndInside || validator.isAtCharacterBoundary)
    }

    private static func quoted(_ head: Span<UInt8>, _ tail: Span<UInt8>) -> String {
        var text = "'"
        for scalar in (decoded(head) + decoded(tail)).unicodeScalars {
            if scalar == "'" { text.append("\\'") } else { text.append(escaping: scalar) }
        }
        return elided(text + "'")
    }

    private static func decoded(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private static func hexadecimal(_ bytes: Span<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.indices.map { String([digits[Int(bytes[$0] >> 4)], digits[Int(bytes[$0] & 0xF)]]) }
            .joined(separator: " ")
    }

    private static func elided(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > FrameDescription.maximumPayloadLength else { return text }
        return String(scalars.prefix(FrameDescription.headLength)) + "..."
            + String(scalars.suffix(FrameDescription.tailLength))
    }
}

extension Opcode {
    fileprivate var logName: String { Self.names[self] ?? "\(Self.unknown) \(rawValue)" }

    /// What the forms of frames begin with.
    fileprivate static let logNames = Set(names.values.map { Substring($0) } + [Substring(unknown)])

    private static let names: [Opcode: String] = [
        .continuation: "CONT", .text: "TEXT", .binary: "BINARY", .close: "CLOSE", .ping: "PING", .pong: "PONG",
    ]
    private static let unknown = "OPCODE"

    /// Whether its payload is expected to be text; `nil` when the opcode does not tell.
    fileprivate var isUsuallyText: Bool? {
        switch self {
        case .text, .close, .ping, .pong: true
        case .binary: false
        default: nil
        }
    }
}
