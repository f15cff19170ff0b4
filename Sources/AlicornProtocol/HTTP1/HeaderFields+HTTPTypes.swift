// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import HTTPTypes

extension HeaderFields {
    /// The same fields in the currency of the server ecosystem, built anew at each call.
    ///
    /// Values keep their bytes. ``HTTPFields`` holds less than 65,535 fields; what is beyond is left out, which no
    /// parsed head reaches.
    public var httpFields: HTTPFields {
        var fields = HTTPFields()
        for entry in entries.prefix(65_534) {
            guard let name = HTTPField.Name(text(entry.name)) else { continue }
            fields.append(HTTPField(name: name, value: bytes[entry.value]))
        }
        return fields
    }

    /// Takes fields over, with their bytes and in their order.
    ///
    /// - Throws: ``InvalidHeaderField`` when a value holds a control character.
    public init(_ fields: HTTPFields) throws(InvalidHeaderField) {
        self.init()
        for field in fields {
            // The bytes are taken for ISO-8859-1, as which they go over the wire unchanged.
            // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
            let value = unsafe field.withUnsafeBytesOfValue { bytes in
                unsafe String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
            }
            try append(name: field.name.rawName, value: value)
        }
    }
}
