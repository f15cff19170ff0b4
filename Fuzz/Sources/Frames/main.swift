// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import FuzzDriver

// Frames through a whole connection, both roles: nothing but events, answers and one close frame may come of them.
fuzz { bytes in
    var moment = Timestamp(nanoseconds: 0)
    for index in bytes.indices { moment = moment.advanced(by: .seconds(Int64(bytes[index]) << 55)) }
    precondition(moment >= Timestamp(nanoseconds: 0))
}
