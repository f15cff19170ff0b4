// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

// The head of a request and its body, as a server reads them. Whatever comes in: no trap, memory within the limits, and
// the same outcome however the bytes are cut.
fuzz { bytes in
    var text = ""
    for index in bytes.indices { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
    var fields = HeaderFields()
    try? fields.append(name: "X", value: text)
    precondition(fields.count == 0 || fields.first("x") == text)
}
