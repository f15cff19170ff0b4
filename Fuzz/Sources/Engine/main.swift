// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import FuzzDriver

// What peers do to a server on the native engine, over socket pairs, as a script: they write, read, end a direction or
// both, and the application sends, pauses and closes meanwhile. Whatever it is: no trap, memory within the limits, a loop
// that comes to rest, and no descriptor left at the end.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let before = openDescriptors()
    Scene.play(input)
    check(openDescriptors() == before, "no descriptor is left")
}
