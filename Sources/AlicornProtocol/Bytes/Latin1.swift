// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// ISO-8859-1, in which text stands in heads: every byte is the Unicode scalar of the same number.
enum Latin1 {
    /// Appends a text that may stand in a header's value or a reason phrase (RFC 9110 §5.5), and tells whether it is one.
    ///
    /// It takes at most the room of its UTF-8. When it is not such a text, what was appended of it is without meaning.
    static func append(_ text: String, to output: inout OutputSpan<UInt8>) -> Bool {
        let start = output.count
        output.append(utf8: text)
        guard isFieldValue(output.span.extracting(start...)) else { return false }
        if output.span.extracting(start...).isASCII { return true }
        output.removeLast(output.count - start)
        for scalar in text.unicodeScalars {
            guard scalar.value <= 0xFF else { return false }
            output.append(UInt8(truncatingIfNeeded: scalar.value))
        }
        return true
    }

    /// Whether a text may stand in a header's value or a reason phrase (RFC 9110 §5.5).
    static func isFieldValue(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0.value <= 0xFF && UInt8(truncatingIfNeeded: $0.value).isFieldValueCharacter
        }
    }

    /// The text that the bytes are.
    static func text(_ bytes: Span<UInt8>) -> String {
        guard bytes.isASCII else {
            var scalars = String.UnicodeScalarView()
            for index in bytes.indices { scalars.append(Unicode.Scalar(bytes[index])) }
            return String(scalars)
        }
        // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
        return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Whether no byte is a control character but HTAB.
    private static func isFieldValue(_ bytes: Span<UInt8>) -> Bool {
        var index = bytes.firstControl(from: 0, to: bytes.count)
        while index < bytes.count {
            guard bytes[index].isFieldValueCharacter else { return false }
            index = bytes.firstControl(from: index + 1, to: bytes.count)
        }
        return true
    }
}
