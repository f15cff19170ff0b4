// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What one proxy tells of the client that it got a request from.
package struct ForwardedElement: Sendable, Hashable {
    /// The client's address; `nil` when it is hidden, unknown or malformed.
    var address: HostAddress?
    /// The client's port, where it is told.
    var port: UInt16?
    /// Whether the client came over TLS, where that is told.
    var isSecure: Bool?
}

/// The elements that all proxies on the way have told, the last of them last.
enum ForwardedElements {
    /// Those of `Forwarded` (RFC 7239 §4); `nil` when the field is against its grammar.
    static func standard(in fields: HeaderFields) -> [ForwardedElement]? {
        var elements: [ForwardedElement] = []
        for value in fields.values(of: "Forwarded") {
            var scanner = ForwardedScanner(value)
            guard scanner.readElements(into: &elements) else { return nil }
        }
        return elements
    }

    /// Those of `X-Forwarded-For` and `X-Forwarded-Proto`: a scheme for each address, or one for all.
    static func customary(in fields: HeaderFields) -> [ForwardedElement] {
        let schemes = values(in: fields, "X-Forwarded-Proto").map(isSecure)
        let nodes = values(in: fields, "X-Forwarded-For")
        return nodes.enumerated().map { index, node in
            var element = ForwardedElement(node: node)
            element.isSecure = schemes.count == nodes.count ? schemes[index] : schemes.last ?? nil
            return element
        }
    }

    /// What the last `X-Forwarded-Proto` says.
    static func lastScheme(in fields: HeaderFields) -> Bool? {
        values(in: fields, "X-Forwarded-Proto").last.flatMap(isSecure)
    }

    private static func values(in fields: HeaderFields, _ name: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for entry in fields.entries where fields.matches(entry, name) {
            var remaining = entry.value
            while let element = fields.nextElement(in: &remaining) { values.append(Array(fields.bytes[element])) }
        }
        return values
    }

    /// `nil` for another scheme than those of the web.
    static func isSecure(_ scheme: [UInt8]) -> Bool? {
        switch String(decoding: scheme.map(\.asciiLowercased), as: UTF8.self) {
        case "https", "wss": true
        case "http", "ws": false
        default: nil
        }
    }
}

extension ForwardedElement {
    /// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80` (RFC 7239 §6, and what proxies write).
    init(node: [UInt8]) {
        let isBracketed = node.first == UInt8(ascii: "[")
        if !isBracketed, let address = HostAddress(node) {
            self.address = address
            return
        }
        let end = isBracketed ? node.firstIndex(of: UInt8(ascii: "]")) : node.firstIndex(of: UInt8(ascii: ":"))
        guard let end, let address = HostAddress(isBracketed ? node[1..<end] : node[..<end]) else { return }
        let rest = isBracketed ? node[(end + 1)...] : node[end...]
        guard isBracketed != address.isIPv4, rest.isEmpty || rest.first == UInt8(ascii: ":") else { return }
        self.address = address
        // RFC 7239 §6.3: a port may be hidden too.
        port = rest.dropFirst().allSatisfy(\.isDigit) ? UInt16(String(decoding: rest.dropFirst(), as: UTF8.self)) : nil
    }
}

/// Reads one value of `Forwarded` (RFC 7239 §4) from left to right.
private struct ForwardedScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ value: String) { bytes = Array(value.utf8) }

    /// - Returns: whether the value keeps to the grammar.
    mutating func readElements(into elements: inout [ForwardedElement]) -> Bool {
        repeat {
            guard readElement(into: &elements) else { return false }
        } while take(",")
        return index == bytes.count
    }

    private mutating func readElement(into elements: inout [ForwardedElement]) -> Bool {
        var element = ForwardedElement()
        var isEmpty = true
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] != UInt8(ascii: ","), bytes[index] != UInt8(ascii: ";") else {
                continue
            }
            guard let name = readToken(), take("="), let value = readValue() else { return false }
            isEmpty = false
            switch String(decoding: name.map(\.asciiLowercased), as: UTF8.self) {
            case "for": (element.address, element.port) = Self.node(value)
            case "proto": element.isSecure = ForwardedElements.isSecure(value)
            default: break
            }
            skipSpace()
        } while take(";")
        if !isEmpty { elements.append(element) }
        return true
    }

    private static func node(_ value: [UInt8]) -> (HostAddress?, UInt16?) {
        let element = ForwardedElement(node: value)
        return (element.address, element.port)
    }

    private mutating func skipSpace() { while index < bytes.count, bytes[index].isOptionalWhitespace { index += 1 } }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    private mutating func readToken() -> [UInt8]? {
        let token = bytes[index...].prefix(while: \.isTokenCharacter)
        index = token.endIndex
        return token.isEmpty ? nil : Array(token)
    }

    private mutating func readValue() -> [UInt8]? {
        guard take("\"") else { return readToken() }
        var value: [UInt8] = []
        while index < bytes.count {
            if take("\"") { return value }
            // RFC 9110 §5.6.4: a backslash quotes what follows it.
            if take("\\"), index == bytes.count { return nil }
            value.append(bytes[index])
            index += 1
        }
        return nil
    }
}
