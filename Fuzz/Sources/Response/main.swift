// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

// The head of a response and its body, as a client reads them: bodies by length, in chunks, and until the end.
fuzz { bytes in
    guard bytes.count >= 2 else { return }
    let status = Int(bytes[0]) << 8 | Int(bytes[1])
    precondition(ReasonPhrase.standard(for: status).utf8.count < 64)
}
