// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("The PROXY protocol")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let ipv4: [UInt8] = [192, 0, 2, 1, 192, 0, 2, 2, 0x1F, 0x90, 0, 80]
    private static let ipv6: [UInt8] = [
        0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1F,
        0x90, 0,
        80,
    ]
    /// `PP2_TYPE_NOOP`, then `PP2_TYPE_SSL` with and without its first bit.
    private static let tls: [UInt8] = [4, 0, 1, 9, 0x20, 0, 5, 1, 0, 0, 0, 0]
    private static let noTLS: [UInt8] = [0x20, 0, 5, 6, 0, 0, 0, 0]

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    private static func end(_ text: String, _ port: UInt16) -> ProxyHeader.End {
        ProxyHeader.End(address: HostAddress(text.utf8)!, port: port)
    }

    private static let fromIPv4 = ProxyHeader.Origin.client(end("192.0.2.1", 8080), to: end("192.0.2.2", 80))
    private static let fromIPv6 = ProxyHeader.Origin.client(end("2001:db8::1", 8080), to: end("::1", 80))

    private static let validRows: [(bytes: [UInt8], origin: ProxyHeader.Origin, isSecure: Bool?)] = [
        (Array("PROXY TCP4 192.0.2.1 192.0.2.2 8080 80\r\n".utf8), fromIPv4, nil),
        (Array("PROXY TCP6 2001:db8::1 ::1 8080 80\r\n".utf8), fromIPv6, nil),
        (
            Array("PROXY TCP4 255.255.255.255 255.255.255.255 65535 0\r\n".utf8),
            .client(end("255.255.255.255", 65535), to: end("255.255.255.255", 0)), nil
        ),
        (Array("PROXY UNKNOWN\r\n".utf8), .proxy, nil),
        // The longest line of all (§2.1).
        (
            Array(
                "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"
                    .utf8), .proxy, nil
        ),
        (binary(0x21, 0x11, ipv4), fromIPv4, nil), (binary(0x21, 0x21, ipv6), fromIPv6, nil),
        (binary(0x21, 0x11, ipv4 + tls), fromIPv4, true), (binary(0x21, 0x21, ipv6 + noTLS), fromIPv6, false),
        (binary(0x21, 0x11, ipv4 + [0x20, 0xFF, 0xFF, 1]), fromIPv4, nil),
        (binary(0x21, 0x11, ipv4 + [0x20, 0, 0]), fromIPv4, nil),
        (binary(0x21, 0x11, ipv4 + [0x20, 0]), fromIPv4, nil),
        (binary(0x21, 0x31, [UInt8](repeating: 0x61, count: 216)), .unixClient, nil),
        (binary(0x21, 0x31, [UInt8](repeating: 0x61, count: 216) + tls), .unixClient, true),
        (binary(0x20, 0x00, []), .proxy, nil), (binary(0x20, 0x11, ipv4), .proxy, nil),
        (binary(0x21, 0x00, []), .proxy, nil), (binary(0x21, 0x12, ipv4), .proxy, nil),
        (binary(0x21, 0xF1, [1, 2, 3]), .proxy, nil),
        (binary(0x21, 0x11, ipv4 + [UInt8](repeating: 4, count: ProxyHeader.limit - 16 - 12)), fromIPv4, nil),
    ]

    private static func read(_ bytes: ArraySlice<UInt8>) throws(ProxyViolation) -> ProxyHeader? {
        try ProxyHeader.read(bytes.span)
    }

    @Test("a header is read whole, however it is cut, and nothing behind it", arguments: validRows.indices)
    func valid(row: Int) throws {
        let (bytes, origin, isSecure) = Self.validRows[row]
        for count in 0..<min(bytes.count, 300) {
            #expect(try Self.read(bytes[..<count]) == nil, "\(count)")
        }
        let header = ProxyHeader(origin: origin, isSecure: isSecure, length: bytes.count)
        #expect(try Self.read(bytes[...]) == header)
        let followed = bytes + Array("GET / HTTP/1.1\r\n".utf8)
        #expect(try Self.read(followed[...]) == header)
    }

    private static let invalidLines: [(String, ProxyViolation)] = [
        ("GET / HTTP/1.1\r\n", .noHeader), ("PROXY\r\n", .noHeader), ("proxy TCP4", .noHeader),
        ("\r\n\r\n\0\r\nQUIX", .noHeader),
        ("PROXY \r\n", .malformedLine), ("PROXY TCP4\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 8080 80\n", .malformedLine), ("PROXY \n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 8080 80 \r\n", .malformedLine),
        ("PROXY TCP4  192.0.2.1 192.0.2.2 8080 80\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 8080\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 08080 80\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 65536 80\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 +1 80\r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n", .malformedLine),
        ("PROXY TCP4 192.0.2.300 192.0.2.2 1 1\r\n", .malformedLine),
        ("PROXY TCP4 ::1 ::1 1 1\r\n", .malformedLine), ("PROXY TCP6 192.0.2.1 192.0.2.2 1 1\r\n", .malformedLine),
        ("PROXY TCP6 ::1 192.0.2.2 1 1\r\n", .malformedLine), ("PROXY TCP5 ::1 ::1 1 1\r\n", .malformedLine),
        ("PROXY " + String(repeating: "x", count: 101), .lineTooLong),
        ("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n", .lineTooLong),
    ]

    private static let invalidBinaries: [([UInt8], ProxyViolation)] = [
        (binary(0x31, 0x11, ipv4), .unknownVersion), (binary(0x11, 0x11, ipv4), .unknownVersion),
        (binary(0x22, 0x11, ipv4), .unknownCommand),
        (binary(0x21, 0x11, Array(ipv4.dropLast())), .missingAddresses),
        (binary(0x21, 0x21, ipv4), .missingAddresses),
        (binary(0x21, 0x31, [UInt8](repeating: 0, count: 215)), .missingAddresses),
        (signature + [0x21, 0x11, 0xFF, 0xFF], .headerTooLong),
        (signature + [0x21, 0x11, 0x0F, 0xF1], .headerTooLong),
    ]

    private static let invalidRows: [([UInt8], ProxyViolation)] =
        invalidLines.map { (line, violation) in (Array(line.utf8), violation) } + invalidBinaries

    @Test("a header against the protocol is refused, however it is cut", arguments: invalidRows.indices)
    func invalid(row: Int) {
        let (bytes, violation) = Self.invalidRows[row]
        for count in 1..<bytes.count {
            do throws(ProxyViolation) {
                let header = try Self.read(bytes[..<count])
                #expect(header == nil)
            } catch {
                #expect(error == violation, "of \(count) bytes")
            }
        }
        #expect(throws: violation) { try Self.read(bytes[...]) }
    }
}
