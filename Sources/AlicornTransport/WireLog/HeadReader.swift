// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Makes lines of a log of the head of a request or response, without what is nobody's business.
struct HeadReader {
    /// What the log needs to know of a head to go on behind it.
    struct Head {
        /// Of a response; 0 of a request.
        var status = 0
        /// Whether it is a request whose answer has no body, whatever its head says (RFC 9110 §9.3.2).
        var isHEAD = false
        /// `nil` when the head does not tell.
        var bodyLength: Int? = 0
        var extensions = ""
    }

    private var head = Head()
    private var line: [UInt8] = []
    private var isFirstLine = true

    /// What is kept of a line, and what is shown of one.
    private static let maximumLine = 16 * 1024
    private static let maximumShown = 1000

    /// Takes lines from the front of `bytes`, to the blank one.
    ///
    /// - Returns: the head, once it is whole.
    mutating func read(_ bytes: inout Span<UInt8>, _ tell: (WireEvent) -> Void) -> Head? {
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.maximumLine { line.append(byte) }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let text = String(decoding: line, as: UTF8.self)
            line = []
            guard !text.isEmpty || isFirstLine else {
                bytes = bytes.extracting(droppingFirst: index + 1)
                return head
            }
            if !text.isEmpty { take(text, tell) }
        }
        bytes = Span()
        return nil
    }

    private mutating func take(_ text: String, _ tell: (WireEvent) -> Void) {
        if isFirstLine {
            isFirstLine = false
            head.isHEAD = text.hasPrefix("HEAD ")
            if text.hasPrefix("HTTP/") { head.status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0 }
            tell(.text(Self.shown(text)))
            return
        }
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        // Space before the colon is refused later; what stands behind is no less secret for it.
        let written = text[..<colon].filter { $0 != " " && $0 != "\t" }
        let name = written.lowercased()
        let value = text[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
        switch name {
        case "content-length": head.bodyLength = Int(value).flatMap { $0 < 0 ? nil : $0 }
        case "transfer-encoding": head.bodyLength = nil
        case "sec-websocket-extensions": head.extensions += head.extensions.isEmpty ? value : ", \(value)"
        default: break
        }
        tell(
            .text(Self.secrets.contains(name) ? "\(written): [redacted, \(value.utf8.count) bytes]" : Self.shown(text))
        )
    }

    /// Fields that let whoever reads them act in another's name.
    private static let secrets: Set<String> = ["authorization", "proxy-authorization", "cookie", "set-cookie"]

    private static func shown(_ text: String) -> String {
        let isWhole = text.unicodeScalars.count <= maximumShown
        return String(text.unicodeScalars.prefix(maximumShown)).escapedForLog + (isWhole ? "" : "...")
    }
}
