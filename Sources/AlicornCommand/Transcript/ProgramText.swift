// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

extension JSONEncoder {
    /// For programs: an object on one line, whose keys are always in the same order.
    static func forPrograms() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// What nothing can be encoded of is no text at all: strings, numbers and dates always can.
    func text(of value: some Encodable) -> String? {
        (try? encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}
