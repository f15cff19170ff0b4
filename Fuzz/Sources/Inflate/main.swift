// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

// Compressed messages through the inflater, under a limit: never more output than the limit, in any cut.
fuzz { bytes in
    precondition(TransformFailure("\(bytes.count) bytes").description.hasSuffix("bytes"))
}
