// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Writes heads as bytes (RFC 9112 §2.1).
///
/// Nothing that an application puts into a head can end it or split a field: ``HeaderFields`` refuses such fields, and
/// the start line is checked here. When it throws it has written nothing.
public enum HTTP1Serializer {
    /// Appends the head of a request, with the empty line behind it.
    public static func append(_ head: RequestHead, to output: inout [UInt8]) throws(HTTPMisuse) {
        guard !head.method.isEmpty, head.method.utf8.allSatisfy(\.isTokenCharacter) else {
            throw .invalidMethod(head.method)
        }
        guard !head.target.isEmpty, head.target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidTarget(head.target)
        }
        output.append(contentsOf: head.method.utf8)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: head.target.utf8)
        output.append(UInt8(ascii: " "))
        append(head.version, to: &output)
        output.append(contentsOf: "\r\n".utf8)
        append(head.fields, to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends the head of a response, with the empty line behind it. It adds no field for the body's framing.
    public static func append(_ head: ResponseHead, to output: inout [UInt8]) throws(HTTPMisuse) {
        try check(head)
        appendStatusLine(head, to: &output)
        append(head.fields, to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Checks what ``append(_:to:)-(ResponseHead,_)`` checks.
    static func check(_ head: ResponseHead) throws(HTTPMisuse) {
        guard (100...599).contains(head.status) else { throw .invalidStatus(head.status) }
        // RFC 9112 §4: a reason phrase is of the same characters as a field's value.
        let isClean = head.reason.unicodeScalars.allSatisfy {
            $0.value <= 0xFF && UInt8(truncatingIfNeeded: $0.value).isFieldValueCharacter
        }
        guard isClean else { throw .invalidReason(head.reason) }
    }

    /// Appends a status line that was checked.
    static func appendStatusLine(_ head: ResponseHead, to output: inout [UInt8]) {
        append(head.version, to: &output)
        output.append(UInt8(ascii: " "))
        append(decimal: head.status, to: &output)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: head.reason.unicodeScalars.lazy.map { UInt8(truncatingIfNeeded: $0.value) })
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends all fields but those of one name.
    static func append(_ fields: HeaderFields, except name: String? = nil, to output: inout [UInt8]) {
        for entry in fields.entries {
            if let name, fields.matches(entry, name) { continue }
            output.append(contentsOf: fields.bytes[entry.name])
            output.append(contentsOf: ": ".utf8)
            output.append(contentsOf: fields.bytes[entry.value])
            output.append(contentsOf: "\r\n".utf8)
        }
    }

    /// Appends a number that is not negative, in digits.
    static func append(decimal number: Int, to output: inout [UInt8]) {
        if number >= 10 { append(decimal: number / 10, to: &output) }
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// Appends a number that is not negative, in hexadecimal digits.
    static func append(hexadecimal number: Int, to output: inout [UInt8]) {
        if number >= 16 { append(hexadecimal: number / 16, to: &output) }
        let digit = UInt8(truncatingIfNeeded: number % 16)
        output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    private static func append(_ version: HTTPVersion, to output: inout [UInt8]) {
        output.append(contentsOf: (version >= .http11 ? "HTTP/1.1" : "HTTP/1.0").utf8)
    }
}
