// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Header fields as they go over the wire, made once for many messages.
public struct SerializedFields: Sendable {
    let bytes: [UInt8]

    /// No fields.
    public static let none = Self(HeaderFields())

    /// Writes `fields` down. They are not looked at again: neither for what frames a body, nor for `Connection`.
    public init(_ fields: HeaderFields) {
        var bytes: [UInt8] = []
        HTTP1Serializer.append(fields, to: &bytes)
        self.bytes = bytes
    }
}

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
        output.append(" ")
        output.append(contentsOf: head.target.utf8)
        output.append(" ")
        append(head.version, to: &output)
        output.append("\r\n")
        append(head.fields, to: &output)
        output.append("\r\n")
    }

    /// Appends the head of a response, with the empty line behind it. It adds no field for the body's framing.
    public static func append(_ head: ResponseHead, to output: inout [UInt8]) throws(HTTPMisuse) {
        try check(head)
        append(checked: head, date: nil, to: &output)
    }

    /// Checks what ``append(_:to:)-(ResponseHead,_)`` checks.
    static func check(_ head: ResponseHead) throws(HTTPMisuse) {
        guard (100...599).contains(head.status) else { throw .invalidStatus(head.status) }
        // RFC 9112 §4: a reason phrase is of the same characters as a field's value.
        let isRegistered = head.reason == ReasonPhrase.standard(for: head.status)
        guard isRegistered || Latin1.isFieldValue(head.reason) else { throw .invalidReason(head.reason) }
    }

    /// Appends a head that was checked, in one piece.
    ///
    /// - Parameters:
    ///   - date: the value of a Date to put in front of the fields.
    ///   - leading: fields to put in front of those of the head.
    ///   - name: what is left out of the fields, in lower case.
    ///   - more: bytes for which room is made beside, for the fields that `addFields` writes and what follows the head.
    static func append(
        checked head: borrowing ResponseHead, date: String?, leading: borrowing SerializedFields = .none,
        except name: StaticString? = nil,
        more: Int = 0, to output: inout [UInt8], addFields: (inout OutputSpan<UInt8>) -> Void = { _ in }
    ) {
        let statusLine = "HTTP/1.1 200 \r\n".utf8.count + head.reason.utf8.count
        let dateLine = date.map { "Date: \r\n".utf8.count + $0.utf8.count } ?? 0
        let fields = leading.bytes.count + length(of: head.fields)
        output.append(addingCapacity: statusLine + dateLine + fields + more + 2) { output in
            output.append(head.version >= .http11 ? "HTTP/1.1 " : "HTTP/1.0 ")
            output.append(decimal: head.status)
            output.append(" ")
            _ = Latin1.append(head.reason, to: &output)
            output.append("\r\n")
            if let date {
                output.append("Date: ")
                output.append(utf8: date)
                output.append("\r\n")
            }
            output.append(copying: leading.bytes.span)
            append(head.fields, except: name, to: &output)
            addFields(&output)
            output.append("\r\n")
        }
    }

    /// Appends fields alone.
    static func append(_ fields: HeaderFields, to output: inout [UInt8]) {
        output.append(addingCapacity: length(of: fields)) { append(fields, except: nil, to: &$0) }
    }

    private static func append(
        _ fields: borrowing HeaderFields, except name: StaticString?, to output: inout OutputSpan<UInt8>
    ) {
        let bytes = fields.bytes.span
        for index in 0..<fields.count {
            let entry = fields.entries[index]
            if let name, fields.holds(name, at: entry.name) { continue }
            output.append(copying: bytes.extracting(entry.name))
            output.append(": ")
            output.append(copying: bytes.extracting(entry.value))
            output.append("\r\n")
        }
    }

    /// The room that fields take: each of their bytes is that of one name or value, or of none.
    private static func length(of fields: borrowing HeaderFields) -> Int { fields.bytes.count + 4 * fields.count }

    /// Appends a number that is not negative, in hexadecimal digits.
    static func append(hexadecimal number: Int, to output: inout [UInt8]) {
        if number >= 16 { append(hexadecimal: number / 16, to: &output) }
        let digit = UInt8(truncatingIfNeeded: number % 16)
        output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    private static func append(_ version: HTTPVersion, to output: inout [UInt8]) {
        output.append(version >= .http11 ? "HTTP/1.1" : "HTTP/1.0")
    }
}
