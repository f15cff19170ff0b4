// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Settings that cannot be: all that is wrong with them, so that nobody has to try again for each.
public struct InvalidSettings: Error, Sendable, Hashable, CustomStringConvertible {
    /// A sentence for each: which option, where it was given, what it is and what it must be.
    public let problems: [String]

    /// The status with which a command ends: that of all usage errors (U-XC-08).
    public static let exitStatus: Int32 = 2

    init(_ problems: [String]) { self.problems = problems }

    /// The sentences, each on a line.
    public var description: String { problems.joined(separator: "\n") }
}
