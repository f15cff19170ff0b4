// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What hears of one request while its body comes and its response goes, both in pieces.
///
/// All calls happen on the connection's loop, none after ``closed()`` or the response's end.
package protocol HTTPExchangeObserver: AnyObject {
    /// Bytes of the request's body, which are gone after the call.
    func receive(_ piece: Span<UInt8>)
    /// The request's body has come as a whole.
    func receivedBody(trailers: HeaderFields)
    /// The client has ended its side: it may be gone, or wait for its response.
    func clientEnded()
    /// There is room for more of the response.
    func mayResumeSending()
    /// The connection is gone, or will be without more ado: nothing can be sent or awaited.
    func closed()
}

/// Responses in pieces.
extension HTTPServerDriver {
    /// Has `exchange` hear of the request that the responder was just given.
    package func observe(by exchange: any HTTPExchangeObserver) { self.exchange = exchange }

    /// Sends the head of the response.
    ///
    /// - Throws: ``HTTPMisuse`` when it is no head for this request; another may be sent then.
    package func sendHead(
        _ head: ResponseHead, body: ResponseBody, leading: SerializedFields
    ) throws(HTTPMisuse) {
        guard !isDone else { return }
        takeSpareOutput()
        try http.send(head, body: body, leading: leading, into: &output)
        flushLater()
    }

    /// Sends an interim response (RFC 9110 §15.2), as 103.
    package func sendInterim(_ head: ResponseHead) throws(HTTPMisuse) {
        guard !isDone else { return }
        takeSpareOutput()
        try http.sendInterim(head, into: &output)
        flushLater()
    }

    /// Sends a piece of the body: a long one at once and from where it is, short ones together at the end of the turn.
    ///
    /// - Parameter owner: asked for who has the bytes, when some of them are to be kept; copies for `nil`.
    package func sendBody(_ piece: Span<UInt8>, owner: () -> (any SharedBytes)? = { nil }) throws(HTTPMisuse) {
        guard !isDone else { return }
        guard piece.count >= Self.longPiece else {
            try http.sendBody(piece, into: &output)
            flushLater()
            return
        }
        switch try http.announcePiece(of: piece.count, into: &output) {
        case .send: writeOutput(and: piece, owner: owner)
        case .sendWithLineEnd:
            writeOutput(and: piece, owner: owner)
            output.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
            flushLater()
        case .drop: break
        }
    }

    /// A piece that is worth a system call of its own, rather than a copy.
    private static let longPiece = 16 * 1024

    /// Ends the response.
    ///
    /// - Throws: ``HTTPMisuse``: the connection is cut then if the body was too short.
    package func endResponse(trailers: HeaderFields = HeaderFields()) throws(HTTPMisuse) {
        guard !isDone else { return }
        didEndResponse(try http.endResponse(trailers: trailers, into: &output))
    }

    /// Ends a response that will not come to its end, and the connection with it, so that the client can tell.
    package func breakResponse() {
        guard !isDone else { return }
        http.closeAfterResponse()
        linger()
    }
}
