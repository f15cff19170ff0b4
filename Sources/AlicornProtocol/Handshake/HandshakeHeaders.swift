// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The header fields of a handshake as they are put together.
struct HandshakeHeaders {
    private(set) var fields = HeaderFields()

    /// Adds a field that the program provides.
    mutating func add(_ name: String, _ value: String) throws(HandshakeMisuse) {
        do {
            try fields.append(name: name, value: value)
        } catch { throw .header(error) }
    }

    /// Adds a field of our own making or one that is checked already.
    mutating func add(own name: StaticString, _ value: String) {
        fields.append(own: name, valueLength: value.utf8.count) { _ = Latin1.append(value, to: &$0) }
    }

    /// Adds a field whose value is written in place.
    mutating func add(own name: StaticString, valueLength: Int, writing: (inout OutputSpan<UInt8>) -> Void) {
        fields.append(own: name, valueLength: valueLength, writingValue: writing)
    }

    /// Refuses what belongs to the handshake itself, or would announce a body.
    static func checkIsFree(_ name: String) throws(HandshakeMisuse) {
        let folded = name.lowercased()
        let isReserved = folded.hasPrefix("sec-websocket-") || reserved.contains(folded)
        guard !isReserved else { throw .reservedHeader(name) }
    }

    private static let reserved: Set = [
        "upgrade", "connection", "content-length", "transfer-encoding", "trailer", "te",
    ]
}
