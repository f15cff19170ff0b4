// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What one input of the fuzzer says: options, a script and the bytes that are under test.
///
///     offset  0        1        2         3 ...              3 + n ...
///            | option | option | n       | script, n bytes  | payload
public struct FuzzInput: Sendable {
    /// Two bytes that each target reads as it likes.
    public let options: (UInt8, UInt8)
    /// What decides about cuts, and about what happens between them.
    public let script: [UInt8]
    /// The bytes under test.
    public let payload: [UInt8]

    /// Takes an input apart; `nil` when it is too short.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 3 else { return nil }
        options = (bytes[0], bytes[1])
        let end = min(3 + Int(bytes[2]), bytes.count)
        script = (3..<end).map { bytes[$0] }
        payload = (end..<bytes.count).map { bytes[$0] }
    }

    /// The ways to cut the payload whose outcomes have to be the same as that of ``Cut/none``.
    public var cuts: [Cut] {
        // Long input byte by byte would be slow, and shows nothing that short input does not.
        payload.count <= 4096 ? [.script(script), .everyByte] : [.script(script)]
    }
}

/// How bytes are cut into the pieces in which they arrive.
public enum Cut: Sendable {
    /// All at once.
    case none
    /// One byte at a time.
    case everyByte
    /// Sizes that bytes decide, again from the first when they are used up: 1 to 128, or up to 8129 in steps of 64.
    case script([UInt8])

    /// The pieces of `count` bytes; none is empty.
    public func pieces(of count: Int) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = 0
        while start < count {
            let end = min(start + size(ofPiece: pieces.count, of: count), count)
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    private func size(ofPiece index: Int, of count: Int) -> Int {
        switch self {
        case .none: return count
        case .everyByte: return 1
        case .script(let bytes):
            guard !bytes.isEmpty else { return count }
            let byte = Int(bytes[index % bytes.count])
            return byte < 0x80 ? byte + 1 : (byte - 0x80) * 64 + 1
        }
    }
}

/// Ends the program with a sentence unless what must always be true is; libFuzzer keeps the input then.
@inline(__always)
public func check(_ condition: Bool, _ invariant: StaticString) {
    if !condition { fatalError("broken: \(invariant)") }
}
