// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A request's head that was parsed, for when the same bytes come again: the same bytes are the same request.
final class RepeatableHead: Sendable {
    let head: RequestHead
    let traits: RequestTraits

    /// What is worth keeping on a connection that waits, in bytes.
    private static let longest = 1024

    /// - Parameter head: as it was parsed, so that its fields' bytes are all of it, to the end of the empty line.
    /// - Returns: `nil` for one that is too long.
    init?(_ head: RequestHead, _ traits: RequestTraits) {
        guard head.fields.bytes.count <= Self.longest else { return nil }
        self.head = head
        self.traits = traits
    }

    /// How many bytes it is.
    var length: Int { head.fields.bytes.count }

    /// Whether `input` begins with it. Costs a look at as many bytes, eight or more at a time.
    func begins(_ input: Span<UInt8>) -> Bool { head.fields.areWritten(at: input) }
}

extension HeaderFields {
    /// Whether `input` begins with the fields' bytes.
    fileprivate func areWritten(at input: Span<UInt8>) -> Bool {
        let bytes = bytes.span
        guard input.count >= bytes.count else { return false }
        let input = input.extracting(first: bytes.count)
        var difference: UInt8 = 0
        for index in bytes.indices { difference |= bytes[index] ^ input[index] }
        return difference == 0
    }
}
