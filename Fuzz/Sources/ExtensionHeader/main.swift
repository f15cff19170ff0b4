// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

// Sec-WebSocket-Extensions: what parses must come out the same after serialising, and no negotiation of it may trap.
fuzz { bytes in
    var name = ""
    for index in bytes.indices { name.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
    precondition(ExtensionDescription(name).parameters.isEmpty)
}
