// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import FuzzDriver

// Requests as a server reads them, answered in several ways. Whatever comes in: no trap, memory within the limits, and
// the same outcome however the bytes are cut.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let outcome = Service.outcome(of: input, cut: .none)
    for cut in input.cuts {
        check(Service.outcome(of: input, cut: cut) == outcome, "the outcome does not depend on the cuts")
    }
}
