// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import NIOCore

extension Response {
    /// A file, or the part of it that the client asks for: with its length, its validators, and what the request makes depend on
    /// them (RFC 9110 §13, §14).
    ///
    /// 206 for one range, the whole for several; 304 for what the client has; 412 and 416 where it asks for what is not there. The
    /// file is read on threads beside the event loops, in pieces of 128 KiB, when the client has room for them. When it becomes
    /// shorter meanwhile, the response is cut off.
    ///
    /// - Parameters:
    ///   - path: absolute, and nothing that a client has a say in: ``Router/files(_:from:cachedFor:)`` is for that.
    ///   - contentType: by the end of the path's name for `nil`.
    ///   - lifetime: how long it may be used without asking again; `nil` leaves that to the client.
    /// - Throws: ``AlicornASGI/UnreadableFile`` when there is no such file, or it is none that can be sent;
    ///   ``AlicornProtocol/InvalidHeaderField`` for a content type that cannot be sent.
    public static func file(
        _ path: String, for context: RequestContext, contentType: String? = nil, cachedFor lifetime: Duration? = nil
    ) async throws -> Self {
        let file = try await offLoop { try OpenFile.open(path) }
        return try Self(file, contentType ?? ContentType.of(path), lifetime, to: context)
    }

    /// The answer to that request with an open file.
    init(
        _ file: OpenFile, _ contentType: String, _ lifetime: Duration?, to context: RequestContext
    ) throws(InvalidHeaderField) {
        let validators = Validators(file)
        let isRead = ["GET", "HEAD"].contains(context.method)
        let precondition = isRead ? Precondition(context.headers, validators) : .holds
        let size = file.size
        // RFC 9110 §14.2: ranges are for GET.
        let range: ByteRange =
            if context.method == "GET", context.headers.count(of: "Range") == 1,
                let value = context.headers.first("Range"), Precondition.allowsRange(context.headers, validators)
            {
                ByteRange(value, of: size)
            } else { .whole }

        switch (precondition, range) {
        case (.notModified, _): self.init(304, HeaderFields(), .bytes(ByteBuffer()))
        case (.failed, _): self = .text("The file is another than the request is for.\n", status: 412)
        case (.holds, .unsatisfiable):
            self = .text("The file has \(size) bytes.\n", status: 416).adding("content-range", "bytes */\(size)")
        case (.holds, .whole): self.init(200, HeaderFields(), .file(file, 0..<size))
        case (.holds, .part(let part)):
            self.init(206, HeaderFields(), .file(file, part))
            self = adding("content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)")
        }
        if case .file = body { try headers.append(name: "content-type", value: contentType) }
        // A browser is not to guess otherwise.
        self = adding("x-content-type-options", "nosniff").adding("accept-ranges", "bytes")
            .adding("etag", validators.entityTag).adding("last-modified", validators.lastModified)
        if let lifetime { self = adding("cache-control", "public, max-age=\(max(0, lifetime.components.seconds))") }
    }
}
