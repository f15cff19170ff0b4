// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import Foundation
public import NIOCore

/// The body of a request as a sequence of pieces, cut wherever the network cut it. Iterate over it once.
///
/// The client waits while 64 KiB of it are there that nobody has asked for. How long it may be altogether is `--limit-body`'s
/// to say.
public struct RequestBody: AsyncSequence, Sendable {
    /// What iterating gives.
    public typealias Element = ByteBuffer

    /// `nil` for what has no body.
    let receive: Receive?

    /// Waits for piece after piece.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let receive: Receive?
        private var isOver = false

        init(receive: Receive?) { self.receive = receive }

        /// The next piece, which is not empty; `nil` at the end.
        ///
        /// - Throws: ``AlicornASGI/ClientDisconnected`` when the client goes before that.
        public mutating func next() async throws -> ByteBuffer? {
            guard let receive else { return nil }
            while !isOver {
                guard case .httpRequest(let body, let moreBody) = try await receive() else {
                    throw ClientDisconnected()
                }
                isOver = !moreBody
                if body.readableBytes > 0 { return body }
            }
            return nil
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(receive: receive) }

    /// All of the body.
    ///
    /// - Throws: ``BodyTooLarge`` when it is longer than `limit`, in bytes.
    public func collect(upTo limit: Int) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await piece in self {
            guard whole.readableBytes + piece.readableBytes <= limit else { throw BodyTooLarge(limit: limit) }
            whole.writeImmutableBuffer(piece)
        }
        return whole
    }

    /// All of the body as a value from JSON.
    ///
    /// - Parameter limit: how long it may be, in bytes.
    /// - Throws: ``BodyTooLarge``; ``MalformedBody`` when it is not that.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, upTo limit: Int = 1 << 20, by decoder: JSONDecoder = JSONDecoder()
    ) async throws -> Value {
        let body = try await collect(upTo: limit)
        do { return try decoder.decode(type, from: Data(body.readableBytesView)) } catch {
            throw MalformedBody(underlying: error)
        }
    }
}

/// An error that says how the request is to be answered that it ended: with its status, and its description as text.
///
/// The client sees the description; any other error is answered with 500, and its description is the log's alone.
public protocol ErrorWithStatus: Error, CustomStringConvertible {
    /// The status of the answer.
    var status: Int { get }
}

/// The body of a request is longer than its handler takes.
public struct BodyTooLarge: ErrorWithStatus, Sendable, Hashable {
    /// How long it may be, in bytes.
    public let limit: Int

    /// RFC 9110 §15.5.14.
    public var status: Int { 413 }
    /// What has happened.
    public var description: String { "the body of the request is longer than \(limit) bytes" }
}

/// The body of a request is not what its handler takes.
public struct MalformedBody: ErrorWithStatus, Sendable {
    /// What the decoder says.
    public let underlying: any Error

    /// RFC 9110 §15.5.1.
    public var status: Int { 400 }
    /// What has happened.
    public var description: String { "the body of the request is not the JSON that is expected here" }
}
