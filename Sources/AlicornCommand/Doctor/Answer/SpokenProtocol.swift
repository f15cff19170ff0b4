// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Which protocol it is that somebody speaks instead of HTTP/1.1, by what they send first.
enum SpokenProtocol {
    case tls
    case http2
    case http10(statusLine: String)
    /// The end of a sentence.
    case other(String)

    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.prefix(80).prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
        if bytes.count > 2, (0x14...0x17).contains(bytes[0]), bytes[1] == 3 {
            self = .tls  // RFC 8446 §5.1: an alert, as a rule
        } else if bytes.count >= 9, bytes[3] == 4, bytes[5...8].allSatisfy({ $0 == 0 }) {
            self = .http2  // RFC 9113 §3.4: SETTINGS come first
        } else if text.hasPrefix("HTTP/1.0") {
            self = .http10(statusLine: "\(Excerpt(text))")
        } else if let name = Self.greetings.first(where: { text.hasPrefix($0.start) })?.name {
            self = .other("but \(name): it sends \(Excerpt(text))")
        } else {
            self = .other(bytes.isEmpty ? "and it says nothing" : "it begins with \(Excerpt(text))")
        }
    }

    private static let greetings: [(start: String, name: String)] = [
        ("SSH-", "SSH"), ("220 ", "SMTP or FTP"), ("220-", "SMTP or FTP"), ("* OK", "IMAP"), ("+OK", "POP3"),
        ("-ERR", "Redis"), ("RFB ", "VNC"), ("AMQP", "AMQP"), ("ICY ", "Icecast"), ("RTSP/", "RTSP"),
    ]
}
