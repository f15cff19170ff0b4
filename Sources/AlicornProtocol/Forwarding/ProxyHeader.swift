// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a proxy puts before a connection's bytes to tell who its client is: the PROXY protocol, versions 1 and 2
/// (`proxy-protocol.txt` of HAProxy, §2).
package struct ProxyHeader: Sendable, Hashable {
    /// One end of the connection between client and proxy.
    package struct End: Sendable, Hashable {
        package var address: HostAddress
        package var port: UInt16

        package init(address: HostAddress, port: UInt16) {
            self.address = address
            self.port = port
        }
    }

    /// Whose connection it is.
    package enum Origin: Sendable, Hashable {
        /// The proxy's own, as for a health check, or one of which it does not tell more.
        case proxy
        /// A client's, from there to there.
        case client(End, to: End)
        /// A client's on a Unix socket of the proxy's machine.
        case unixClient
    }

    package var origin: Origin
    /// Whether the client came over TLS, where that is told.
    package var isSecure: Bool?
    /// How many bytes the header takes.
    package var length: Int

    /// The longest header of version 2 that is taken, in bytes: addresses, and some KiB of what else a proxy may tell.
    package static let limit = 4096
    /// The longest line of version 1, with its end (§2.1).
    package static let longestLine = 107

    /// Reads the header that `bytes` begin with.
    ///
    /// To be asked again with all bytes when there are more. Costs at most a scan of ``longestLine`` until version 2's
    /// header is there as a whole.
    ///
    /// - Returns: `nil` when more bytes are needed.
    package static func read(_ bytes: Span<UInt8>) throws(ProxyViolation) -> Self? {
        if begins(bytes, with: signature) { return try readBinary(bytes) }
        guard begins(bytes, with: linePrefix) else { throw .noHeader }
        return try readLine(bytes)
    }

    private static let linePrefix: StaticString = "PROXY "
    private static let signature: StaticString = "\r\n\r\n\0\r\nQUIT\n"

    /// Whether all bytes there are, up to the text's length, are the text's.
    private static func begins(_ bytes: Span<UInt8>, with text: StaticString) -> Bool {
        let count = min(bytes.count, text.utf8CodeUnitCount)
        for index in 0..<count {
            // SAFETY: index is below the count of the text.
            let expected = unsafe text.utf8Start[index]
            guard bytes[index] == expected else { return false }
        }
        return true
    }

    // MARK: - Version 1 (§2.1)

    private static func readLine(_ bytes: Span<UInt8>) throws(ProxyViolation) -> Self? {
        let count = min(bytes.count, longestLine)
        var end = 0
        while end < count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        guard end < count else {
            guard count < longestLine else { throw .lineTooLong }
            return nil
        }
        guard bytes[end - 1] == UInt8(ascii: "\r") else { throw .malformedLine }
        let line = [UInt8](copying: bytes.extracting(..<(end - 1)))
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        let origin = try readOrigin(words.dropFirst().map { Array($0) })
        return Self(origin: origin, length: end + 1)
    }

    private static func readOrigin(_ words: [[UInt8]]) throws(ProxyViolation) -> Origin {
        let family = words.first.map { String(decoding: $0, as: UTF8.self) }
        // What stands behind UNKNOWN is not to be looked at.
        if family == "UNKNOWN" { return .proxy }
        guard words.count == 5, let source = HostAddress(words[1]), let destination = HostAddress(words[2]),
            let sourcePort = port(words[3]), let destinationPort = port(words[4])
        else { throw .malformedLine }
        let isIPv6 = words[1].contains(UInt8(ascii: ":")) && words[2].contains(UInt8(ascii: ":"))
        let isIPv4 = !words[1].contains(UInt8(ascii: ":")) && !words[2].contains(UInt8(ascii: ":"))
        guard family == "TCP4" ? isIPv4 : family == "TCP6" && isIPv6 else { throw .malformedLine }
        return .client(
            End(address: source, port: sourcePort), to: End(address: destination, port: destinationPort))
    }

    /// Digits without a leading zero (§2.1).
    private static func port(_ digits: [UInt8]) -> UInt16? {
        guard digits.allSatisfy(\.isDigit), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self))
    }

    // MARK: - Version 2 (§2.2)

    private static func readBinary(_ bytes: Span<UInt8>) throws(ProxyViolation) -> Self? {
        guard bytes.count >= 16 else { return nil }
        guard bytes[12] >> 4 == 2 else { throw .unknownVersion }
        let length = 16 + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= limit else { throw .headerTooLong }
        guard bytes.count >= length else { return nil }
        switch bytes[12] & 0xF {
        case 0: return Self(origin: .proxy, length: length)
        case 1: break
        default: throw .unknownCommand
        }
        // The high half is the address family, the low one the transport, of which only streams come here.
        switch bytes[13] {
        case 0x11: return try client(bytes, length, addressLength: 4)
        case 0x21: return try client(bytes, length, addressLength: 16)
        case 0x31:
            guard length >= 16 + 216 else { throw .missingAddresses }
            return Self(origin: .unixClient, isSecure: isSecure(bytes.extracting(232..<length)), length: length)
        // What is not supported is to be treated as if it was not told.
        default: return Self(origin: .proxy, length: length)
        }
    }

    private static func client(
        _ bytes: Span<UInt8>, _ length: Int, addressLength: Int
    ) throws(ProxyViolation) -> Self {
        let ports = 16 + 2 * addressLength
        guard length >= ports + 4 else { throw .missingAddresses }
        func end(_ index: Int) -> End {
            let start = 16 + index * addressLength
            var number: UInt128 = 0
            for place in start..<start + addressLength { number = number << 8 | UInt128(bytes[place]) }
            let address =
                addressLength == 4
                ? HostAddress(ipv4: UInt32(truncatingIfNeeded: number)) : HostAddress(bits: number)
            let port = ports + 2 * index
            return End(address: address, port: UInt16(bytes[port]) << 8 | UInt16(bytes[port + 1]))
        }
        return Self(
            origin: .client(end(0), to: end(1)), isSecure: isSecure(bytes.extracting((ports + 4)..<length)),
            length: length)
    }

    /// What `PP2_TYPE_SSL` tells, if it is there (§2.2.5). What goes beyond the header is not looked at.
    private static func isSecure(_ fields: Span<UInt8>) -> Bool? {
        var index = 0
        while fields.count - index >= 3 {
            let length = Int(fields[index + 1]) << 8 + Int(fields[index + 2])
            guard length <= fields.count - index - 3 else { return nil }
            if fields[index] == 0x20, length >= 1 { return fields[index + 3] & 1 != 0 }
            index += 3 + length
        }
        return nil
    }
}
