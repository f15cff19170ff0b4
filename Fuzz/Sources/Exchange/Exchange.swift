// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import EngineUnderFuzz
import FuzzDriver

/// One request, as an application sees it, that notes what it hears and knows what it may hear.
final class Exchange: HTTPExchangeObserver {
    private(set) var body: [UInt8] = []
    private(set) var trailers: [HeaderField]?
    private(set) var isClosed = false
    /// Whether its response has begun in pieces.
    var hasBegun = false
    /// Whether its response was given to its end.
    var hasResponded = false
    var whenWhole: () -> Void = {}
    var whenClientEnds: () -> Void = {}

    init(hasBody: Bool) { if !hasBody { trailers = [] } }

    private func checkOrder() {
        check(!isClosed, "nothing is heard behind the end of a connection")
        check(!hasResponded, "nothing is heard behind the end of a response")
    }

    func receive(_ piece: Span<UInt8>) {
        checkOrder()
        check(trailers == nil, "nothing comes behind the end of a body")
        for index in piece.indices { body.append(piece[index]) }
    }

    func receivedBody(trailers: HeaderFields) {
        checkOrder()
        check(self.trailers == nil, "a body ends once")
        self.trailers = (0..<trailers.count).map { trailers[$0] }
        whenWhole()
    }

    func clientEnded() {
        checkOrder()
        whenClientEnds()
    }

    func mayResumeSending() { checkOrder() }

    func closed() {
        checkOrder()
        isClosed = true
    }
}
