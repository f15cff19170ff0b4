// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What becomes of the bodies of a connection's requests.
package enum BodyDelivery: Sendable, Hashable {
    /// They are dropped as they come.
    case readOver
    /// Requests wait for theirs, which ``HTTPLimits/requestBody`` bounds.
    case collected
    /// They are handed on as they come, to the request's ``HTTPExchangeObserver``.
    case streamed
}

/// What became of a request's body.
package enum ReceivedBody: Sendable, Hashable {
    /// The request has none.
    case none
    /// It has one, which is dropped as it comes.
    case readOver
    /// It follows in pieces.
    case arriving
    /// It has come as a whole.
    case whole([UInt8])

    /// Whether the request has none. (A comparison of both would be a call of a witness.)
    package var isNone: Bool { if case .none = self { true } else { false } }
}

/// A request whose body is on its way; bounded by ``HTTPLimits/requestBody``.
final class IncomingRequest {
    let head: RequestHead
    private(set) var body: [UInt8] = []

    init(_ head: RequestHead) { self.head = head }

    func append(_ piece: Span<UInt8>) { body.append(copying: piece) }
}
