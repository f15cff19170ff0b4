// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Tells a connection from all others of the process, in logs and wherever one is needed (SRV-14).
public struct ConnectionID: Sendable, Hashable, CustomStringConvertible {
    /// The number. No two connections of a process have the same; it says nothing about their order.
    public let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Sixteen hexadecimal digits, such as `9e3779b97f4a7c15`.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
