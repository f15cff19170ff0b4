// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import FuzzDriver

// Frames through a whole connection, in both roles, with and without permessage-deflate. Whatever comes in: no trap,
// memory within the limits, and the same outcome however the bytes are cut; and whatever else happens meanwhile, what
// must always be true of a connection is.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let outcome = Reception.outcome(of: input, cut: .none)
    for cut in input.cuts {
        check(
            Reception.outcome(of: input, cut: cut).agrees(with: outcome), "the outcome does not depend on the cuts")
    }
    Course.run(input)
}
