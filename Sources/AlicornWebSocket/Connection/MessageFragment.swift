// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
public import NIOCore

/// What a fragment of a message can be given as. All fragments of a message are of one type, so that text and bytes
/// cannot be mixed (SND-07).
public protocol MessageFragment: Sendable {
    /// What a message of such fragments is.
    static var messageKind: MessageKind { get }
    /// Gives the fragment's bytes, which are UTF-8 if the message is one of text.
    func withFragmentBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result
}

extension String: MessageFragment {
    /// A text message.
    public static var messageKind: MessageKind { .text }
    /// Gives the text as UTF-8, without a copy if it is stored so.
    public func withFragmentBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body($0.span) }
    }
}

extension Substring: MessageFragment {
    /// A text message.
    public static var messageKind: MessageKind { .text }
    /// Gives the text as UTF-8, without a copy if it is stored so.
    public func withFragmentBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body($0.span) }
    }
}

extension ByteBuffer: MessageFragment {
    /// A binary message.
    public static var messageKind: MessageKind { .binary }
    /// Gives the readable bytes.
    public func withFragmentBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try body(readableBytesUInt8Span)
    }
}

extension [UInt8]: MessageFragment {
    /// A binary message.
    public static var messageKind: MessageKind { .binary }
    /// Gives the bytes.
    public func withFragmentBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        try body(span)
    }
}
