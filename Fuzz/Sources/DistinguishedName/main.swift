// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import FuzzDriver

// The names in clients' certificates. Whatever a certificate, or the name in one, is: no trap, and a text that is in
// proportion to it and cannot disturb a line of somebody's log.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    let certificate = input.options.0 & 1 == 0 ? input.payload : certificate(of: input.payload)
    guard let name = DistinguishedName(subjectOf: certificate)?.description else { return }
    check(name.utf8.count <= 16 * certificate.count, "a name is not much longer than what it was read from")
    check(
        name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "a name has no control characters"
    )
}

/// A certificate with that subject, as far as anybody reads it.
func certificate(of subject: [UInt8]) -> [UInt8] {
    let fields = value(0x02, [1]) + value(0x30, []) + value(0x30, []) + value(0x30, []) + value(0x30, subject)
    return value(0x30, value(0x30, fields))
}

func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    [tag, 0x83] + [16, 8, 0].map { UInt8(truncatingIfNeeded: content.count >> $0) } + content
}
