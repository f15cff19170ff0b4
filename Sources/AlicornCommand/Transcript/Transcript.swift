// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Logging

/// How what happens on a connection is told. From any thread.
protocol Transcript: Sendable {
    /// Connections are accepted at this address.
    func listening(on address: String)
    /// A connection was opened.
    ///
    /// - Parameter hint: what can be done with it; empty for nothing.
    func opened(_ connection: WebSocketConnection, hint: String)
    func received(_ message: WebSocketMessage)
    /// A ping was answered, after so long.
    func answered(after roundTrip: Duration)
    /// Tells that a connection has ended.
    func closed(_ closure: Closure)
    /// Tells what went wrong, in a sentence, and is no end.
    func complained(_ sentence: String)
    /// Tells what is going on, in a sentence.
    func noted(_ sentence: String)
    /// Tells a line about the wire: heads and frames.
    func traced(_ line: String)
    /// No connection came about, or none any more.
    func failed(_ sentence: String)
    /// Shows what may be typed.
    func helped(_ text: String)
}

/// A log whose lines about the wire are part of a transcript.
struct WireLogHandler: LogHandler {
    /// Makes the transcript of a peer.
    let transcript: @Sendable (String) -> any Transcript
    /// Whether frames alone are wanted.
    let showsFramesOnly: Bool
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    init(framesOnly: Bool, transcript: @escaping @Sendable (String) -> any Transcript) {
        showsFramesOnly = framesOnly
        self.transcript = transcript
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = event.message.description
        // Other lines, as that on a connection's end, are told in another way.
        guard event.level == .debug, Self.isAboutTheWire(line), !showsFramesOnly || Self.isFrame(line) else { return }
        transcript(metadata["peer"]?.description ?? "").traced(line)
    }

    private static func isAboutTheWire(_ line: String) -> Bool { line.dropFirst().first == " " }

    /// Behind its mark.
    private static func isFrame(_ line: String) -> Bool { FrameDescription.isForm(of: line.dropFirst(2)) }
}
