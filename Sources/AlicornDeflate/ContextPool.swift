// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// Contexts of zlib that nobody needs at the moment, for messages that stand alone.
///
/// Making a context costs more than resetting one, and most connections need theirs only within a message. So those
/// without context takeover share as many as are in use at the same time: about one for each thread, as most messages
/// go through in one call. What is kept is bounded, so that many messages at the same time leave no more behind.
final class ContextPool: Sendable {
    static let deflating = ContextPool(limit: 16)
    static let inflating = ContextPool(limit: 16)

    private let limit: Int
    private let idle = Mutex<[ZlibContext]>([])

    init(limit: Int) { self.limit = limit }

    /// How many contexts are kept.
    var count: Int { idle.withLock { $0.count } }

    /// A context that is as good as new: the last of this kind that was given back, as the caches know it best, or else
    /// a new one.
    func take(_ kind: ZlibContext.Kind) -> ZlibContext {
        let kept = idle.withLock { idle in
            idle.lastIndex { $0.kind == kind }.map { idle.remove(at: $0) }
        }
        return kept ?? ZlibContext(kind)
    }

    /// Keeps a context, in place of the one that was kept longest if it is one too many.
    func giveBack(_ context: ZlibContext) {
        context.reset()
        // It comes out here to be freed: that takes longer than a lock is to be held.
        _ = idle.withLock { idle in
            idle.append(context)
            return idle.count > limit ? idle.removeFirst() : nil
        }
    }
}
