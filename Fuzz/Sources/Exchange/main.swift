// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import FuzzDriver

// Requests with bodies and responses in pieces, through the driver of a connection, in memory and in virtual time. With an
// application that answers at once the outcome is the same however the bytes are cut. With one that does what a script
// says, whatever that is, and whenever clients read, wait or go: no trap, bounded memory, events in order, and an end.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    if input.options.0 & 8 == 0 {
        let outcome = PromptService.outcome(of: input, cut: .none)
        for cut in input.cuts {
            check(PromptService.outcome(of: input, cut: cut) == outcome, "the outcome does not depend on the cuts")
        }
    } else {
        Scene.play(input)
    }
}
