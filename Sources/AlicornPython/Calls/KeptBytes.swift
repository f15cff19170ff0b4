// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import CPython

/// The bytes of an object, which is kept while they are written.
final class KeptBytes: SharedBytes, @unchecked Sendable {
    // SAFETY: made, used and freed on the thread that Python runs on, which is the loop's.
    private let kept: Owned

    /// - Returns: `nil` for an object whose bytes may change.
    init?(_ object: Object) {
        guard object.isA(TYPE_FLAG_BYTES) || object.isA(TYPE_FLAG_STR) else { return nil }
        kept = Owned(sharing: object)
    }

    private var memory: UnsafeBufferPointer<UInt8> {
        let object = kept.object
        if object.isA(TYPE_FLAG_STR), let utf8 = try? utf8(of: object) { return utf8 }
        // SAFETY: the bytes of an object that cannot change, which is kept.
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(PyBytes_AsString(object)).assumingMemoryBound(to: UInt8.self),
            count: PyBytes_Size(object))
    }

    var count: Int { memory.count }

    func withBytes(_ body: (Span<UInt8>) -> Void) { body(memory.span) }
}
