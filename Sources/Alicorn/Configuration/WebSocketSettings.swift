// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

extension ServerSettings {
    /// WebSocket connections.
    public struct WebSocket: Sendable, Hashable {
        /// What speaks WebSocket; on the command line, uvicorn's names for its implementations mean ours (U-C-20).
        public var implementation = Implementation.alicorn
        /// The longest message in bytes; `nil` for any (U-C-21).
        public var maximumMessageSize: Int? = 16_777_216
        /// Messages that wait for the application before reading stops (U-C-22, P-17).
        public var maximumQueuedMessages = 32
        /// Bytes of messages that wait for the application before reading stops (P-17).
        public var maximumQueuedBytes = 1_048_576
        /// The time between pings; `nil` for none (U-C-23).
        public var pingInterval: Duration? = .seconds(20)
        /// How long a pong may take; `nil` for any time (U-C-24).
        public var pingTimeout: Duration? = .seconds(20)
        /// Whether permessage-deflate is offered (U-C-25).
        public var compresses = true
        /// zlib's level, 0 to 9 (P-32).
        public var compressionLevel = 6
        /// The logarithm of the window's size, 9 to 15 (P-10, P-32).
        public var windowBits = 12
        /// zlib's memory level, 1 to 9 (P-32).
        public var memoryLevel = 5
        /// The bytes from which a message is compressed (P-32).
        public var compressionThreshold = 64
        /// The origins whose pages may connect; `nil` for any (P-31).
        public var allowedOrigins: [OriginPattern]?
        /// How long the application may take to accept.
        public var openTimeout: Duration = .seconds(60)
        /// How long the closing handshake may take (U-WS-48).
        public var closeTimeout: Duration = .seconds(10)

        mutating func read(_ options: inout OptionReader) {
            options.read("ws", .implementation, into: &implementation)
            options.read("ws-max-size", .orNone(.bytes(atLeast: 1)), into: &maximumMessageSize)
            options.read("ws-max-queue", .count(atLeast: 1), into: &maximumQueuedMessages)
            options.read("ws-max-queue-bytes", .bytes(atLeast: 1), into: &maximumQueuedBytes)
            options.read("ws-ping-interval", .orNone(.seconds), into: &pingInterval)
            if pingInterval == .zero { pingInterval = nil }
            options.read("ws-ping-timeout", .orNone(.secondsAboveZero), into: &pingTimeout)
            options.read("ws-per-message-deflate", .boolean, into: &compresses)
            options.read("ws-deflate-level", .number(0...9), into: &compressionLevel)
            options.read("ws-deflate-window-bits", .number(9...15), into: &windowBits)
            options.read("ws-deflate-memory-level", .number(1...9), into: &memoryLevel)
            options.read("ws-deflate-threshold", .bytes(atLeast: 0), into: &compressionThreshold)
            options.read("ws-allowed-origins", each: .origin, by: .commas, into: &allowedOrigins)
            options.read("ws-open-timeout", .secondsAboveZero, into: &openTimeout)
            options.read("ws-close-timeout", .secondsAboveZero, into: &closeTimeout)
        }
    }

    /// What speaks WebSocket.
    public enum Implementation: Sendable, Hashable {
        /// Alicorn's own.
        case alicorn
        /// NIOWebSocket's codec, to compare with: without compression, and without connections for ``RequestContext/upgrade(subprotocol:headers:serve:)``.
        case nio
        /// Nothing: upgrades are not taken up.
        case none
    }
}

extension OptionType where Value == ServerSettings.Implementation {
    fileprivate static var implementation: Self {
        Self("one of auto, alicorn, websockets, websockets-sansio, wsproto, nio, none") { text in
            switch text.lowercased() {
            case "auto", "alicorn", "websockets", "websockets-sansio", "wsproto": .alicorn
            case "nio": .nio
            case "none": ServerSettings.Implementation.none
            default: nil
            }
        }
    }
}

extension OptionType where Value == OriginPattern {
    fileprivate static var origin: Self {
        Self("an origin, such as https://example.com, https://*.example.com or null", isText: true) { try? Value($0) }
    }
}
