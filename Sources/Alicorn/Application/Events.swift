// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
public import AlicornWebSocket
public import NIOCore

/// What an application receives.
public enum ReceivedEvent: Sendable {
    /// `http.request`: what has come of the body since the last one (A-HE-01).
    case httpRequest(body: ByteBuffer, moreBody: Bool)
    /// `http.disconnect`: the client is gone, or has its response (A-HE-02).
    case httpDisconnect
    /// `websocket.connect`: the handshake waits for an answer (A-WE-01).
    case webSocketConnect
    /// `websocket.receive` (A-WE-03).
    case webSocketReceive(WebSocketMessage)
    /// `websocket.disconnect` (A-WE-05).
    case webSocketDisconnect(code: UInt16, reason: String)
    /// `lifespan.startup` (A-LS-03).
    case lifespanStartup
    /// `lifespan.goodbye`, for who has asked for it: connections are closed when it is answered, or after that time (P-38).
    case lifespanGoodbye(within: Duration)
    /// `lifespan.shutdown` (A-LS-06).
    case lifespanShutdown
}

/// What an application sends.
public enum SentEvent: Sendable {
    /// `http.response.start` (A-HE-03). It goes out with the first piece of the body.
    case httpResponseStart(status: Int, headers: HeaderFields = HeaderFields(), trailers: Bool = false)
    /// `http.response.body` (A-HE-04).
    case httpResponseBody(ByteBuffer = ByteBuffer(), moreBody: Bool = false)
    /// `http.response.trailers` (A-EX-06): for clients that say that they take them.
    case httpResponseTrailers(HeaderFields, moreTrailers: Bool = false)
    /// `http.response.early_hint` (A-EX-05): 103, before the body.
    case httpResponseEarlyHint(links: [String])
    /// `http.response.pathsend` (A-EX-04): the file at an absolute path is the body, the whole of it.
    ///
    /// Once in a response, and neither after nor before another piece of its body. The file is read as ``httpResponseZeroCopySend(file:offset:count:moreBody:)``
    /// says, up to the size that it has when it is opened.
    case httpResponsePathSend(path: String)
    /// `http.response.zerocopysend` (A-EX-03): bytes of an open file, which stays the application's to close, behind its
    /// sending.
    ///
    /// From `offset`, or from where the descriptor stands, which moves on then; `count` bytes, or all that are left. It may
    /// be repeated, and mixed with other pieces of the body.
    ///
    /// The file is read on threads beside the event loops, in pieces of 128 KiB of which one at a time is kept: that is a
    /// copy into this process, and two switches of threads a piece. The name is the specification's: the kernel does not yet
    /// send by itself.
    ///
    /// Sending throws ``AlicornASGI/UnreadableFile`` when the file is none that can be sent, or becomes shorter meanwhile;
    /// the response is then cut off for the client to see, unless nothing of it was sent.
    case httpResponseZeroCopySend(file: Int32, offset: Int? = nil, count: Int? = nil, moreBody: Bool = false)
    /// `http.response.debug` (A-EX-07): before the start. It goes to the log at debug, and nowhere else.
    case httpResponseDebug([String: String])
    /// `websocket.accept` (A-WE-02).
    case webSocketAccept(subprotocol: String? = nil, headers: [HeaderField] = [])
    /// `websocket.send` (A-WE-04).
    case webSocketSend(WebSocketMessage)
    /// `websocket.close` (A-WE-06): 403 before the connection was accepted.
    case webSocketClose(code: CloseCode = .normalClosure, reason: String = "")
    /// `websocket.http.response.start` (A-EX-01): a refusal of the application's own.
    case webSocketResponseStart(status: Int, headers: HeaderFields = HeaderFields())
    /// `websocket.http.response.body`.
    case webSocketResponseBody(ByteBuffer = ByteBuffer(), moreBody: Bool = false)
    /// `lifespan.startup.complete` (A-LS-04).
    ///
    /// - Parameter wantsGoodbye: asks for ``ReceivedEvent/lifespanGoodbye(within:)``.
    case lifespanStartupComplete(wantsGoodbye: Bool = false)
    /// `lifespan.startup.failed` (A-LS-05).
    case lifespanStartupFailed(message: String = "")
    /// `lifespan.goodbye.complete` (P-38).
    case lifespanGoodbyeComplete
    /// `lifespan.shutdown.complete` (A-LS-07).
    case lifespanShutdownComplete
    /// `lifespan.shutdown.failed` (A-LS-08).
    case lifespanShutdownFailed(message: String = "")

    /// A text as the body, or as a piece of it.
    public static func httpResponseBody(_ text: String, moreBody: Bool = false) -> Self {
        .httpResponseBody(ByteBuffer(string: text), moreBody: moreBody)
    }

    /// Whether its bytes are in a file.
    var isFile: Bool {
        switch self {
        case .httpResponsePathSend, .httpResponseZeroCopySend: true
        default: false
        }
    }

    /// The specification's name for it.
    var name: String {
        switch self {
        case .httpResponseStart: "http.response.start"
        case .httpResponseBody: "http.response.body"
        case .httpResponseTrailers: "http.response.trailers"
        case .httpResponseEarlyHint: "http.response.early_hint"
        case .httpResponsePathSend: "http.response.pathsend"
        case .httpResponseZeroCopySend: "http.response.zerocopysend"
        case .httpResponseDebug: "http.response.debug"
        case .webSocketAccept: "websocket.accept"
        case .webSocketSend: "websocket.send"
        case .webSocketClose: "websocket.close"
        case .webSocketResponseStart: "websocket.http.response.start"
        case .webSocketResponseBody: "websocket.http.response.body"
        case .lifespanStartupComplete: "lifespan.startup.complete"
        case .lifespanStartupFailed: "lifespan.startup.failed"
        case .lifespanGoodbyeComplete: "lifespan.goodbye.complete"
        case .lifespanShutdownComplete: "lifespan.shutdown.complete"
        case .lifespanShutdownFailed: "lifespan.shutdown.failed"
        }
    }
}
