// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The text of heads in fewer bytes, for what is kept as long as a connection lives: what stands in nearly all opening
/// handshakes takes one byte each, all else stays as it is.
struct PackedHeads: Sendable {
    let bytes: [UInt8]

    /// Each stands for the byte ``firstCode`` more than its place. All begin with what ends a line or its last word, so that
    /// they are looked for nowhere else.
    private static let texts: [StaticString] = [
        " HTTP/1.1\r\nHost: ", "\r\n\r\nHTTP/1.1 101 Switching Protocols", "\r\nUpgrade: websocket",
        "\r\nConnection: Upgrade", "\r\nSec-WebSocket-Version: 13", "\r\nSec-WebSocket-Key: ",
        "\r\nSec-WebSocket-Accept: ", "\r\nSec-WebSocket-Extensions: permessage-deflate",
        "\r\nSec-WebSocket-Protocol: ", "\r\nUser-Agent: Mozilla/5.0 (", "\r\nUser-Agent: ", "\r\nOrigin: http",
        "\r\nAccept-Encoding: gzip, deflate, br", "\r\nAccept-Language: ", "\r\nCache-Control: no-cache",
        "\r\nPragma: no-cache", "\r\nCookie: ", "\r\nAuthorization: ", "\r\nX-Forwarded-", "\r\nSec-Fetch-",
        "\r\nConnection: ", "\r\nHost: ", "\r\n\r\n", "\r\n",
    ]
    private static let firstCode: UInt8 = 0x80
    /// Stands before a byte that is not ASCII.
    private static let escape: UInt8 = 0xFF

    /// Packs a text. Costs a comparison with some of the texts at each space and each end of a line.
    init(_ text: Span<UInt8>) {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: " "), let code = Self.code(at: index, in: text) {
                bytes.append(Self.firstCode + UInt8(code))
                index += Self.texts[code].utf8CodeUnitCount
                continue
            }
            if byte >= Self.firstCode { bytes.append(Self.escape) }
            bytes.append(byte)
            index += 1
        }
        // Of just the size that is needed.
        self.bytes = [UInt8](copying: bytes.span)
    }

    private static func code(at index: Int, in text: Span<UInt8>) -> Int? {
        texts.firstIndex { text.holds($0, at: index..<min(index + $0.utf8CodeUnitCount, text.count)) }
    }

    /// The text, as it was.
    var text: [UInt8] {
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped || byte < Self.firstCode {
                text.append(byte)
                isEscaped = false
            } else if byte == Self.escape {
                isEscaped = true
            } else {
                text.append(Self.texts[Int(byte - Self.firstCode)])
            }
        }
        return text
    }
}
