// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

extension Duration {
    /// With three digits or so, in the unit that fits: `812 µs`, `3.21 ms`, `4.05 s`.
    var shown: String {
        let seconds = self / .seconds(1)
        return switch seconds {
        case ..<0.001: String(format: "%.0f µs", seconds * 1e6)
        case ..<1: String(format: "%.2f ms", seconds * 1e3)
        default: String(format: "%.2f s", seconds)
        }
    }
}
