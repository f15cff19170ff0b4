// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import Logging

/// A line of the log as a JSON object (RFC 8259).
///
/// Whatever is invisible or no character comes out as `\u001b`: a line is one line, and a terminal that shows it is safe.
struct JSONLine {
    private var line = LogLine()

    /// Begins an object with the fields that all have.
    ///
    /// - Parameter level: in any letter case; it is written in lower case.
    init(at time: WallTime, level: String, logger: String, message: String) {
        line.append("{\"timestamp\":\"")
        line.append(rfc3339: time)
        line.append("\"")
        append("level", level.lowercased())
        append("logger", logger)
        append("message", message)
    }

    /// What all have: names that no other field may take.
    private static let common: Set<String> = ["timestamp", "level", "logger", "message"]

    /// Appends a field of text.
    mutating func append(_ name: String, _ text: String) {
        append(name: name)
        append(text: text)
    }

    /// Appends a field that is a number.
    mutating func append(_ name: String, _ number: Int) {
        append(name: name)
        line.append(decimal: number)
    }

    /// Appends a field that is a duration in milliseconds.
    mutating func append(_ name: String, microseconds: Int64) {
        append(name: name)
        line.append(decimal: microseconds, decimals: 3)
    }

    /// Appends metadata, each value as a field; one with the name of a field that all have gets `metadata.` before it.
    mutating func append(_ metadata: Logger.Metadata) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            append(name: Self.common.contains(name) ? "metadata." + name : name)
            append(value: value)
        }
    }

    /// Ends the object and its line.
    mutating func end() -> [UInt8] {
        line.append("}")
        line.end()
        return line.bytes
    }

    private mutating func append(name: String) {
        line.append(",")
        append(text: name)
        line.append(":")
    }

    private mutating func append(value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(text: text)
        case .stringConvertible(let value): append(text: value.description)
        case .array(let values):
            line.append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(",") }
                append(value: value)
            }
            line.append("]")
        case .dictionary(let metadata):
            line.append("{")
            for (index, (name, value)) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(",") }
                append(text: name)
                line.append(":")
                append(value: value)
            }
            line.append("}")
        }
    }

    private mutating func append(text: String) {
        line.append("\"")
        line.append(text.escapedForJSON)
        line.append("\"")
    }
}

extension String {
    /// The text as it stands between the quotation marks of a JSON string (RFC 8259 §7).
    fileprivate var escapedForJSON: String {
        var escaped = ""
        escaped.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case " "..."~": escaped.unicodeScalars.append(scalar)
            case _ where !scalar.isASCII && String(scalar) == String(scalar).escapedForLog:
                escaped.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            }
        }
        return escaped
    }
}
