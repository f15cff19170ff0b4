// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// Why something could not be done with a connection: who did what, in one sentence.
public struct WebSocketError: Error, Sendable {
    /// What kind of failure it is. New codes may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case closed, listeningFailed, connectionFailed, proxyFailed, tlsFailed, handshakeFailed, redirectRefused,
                concurrentReceive, misuse, misconfigured, invalidAddress, timedOut
        }

        private let kind: Kind

        /// The connection is closed, or closing.
        public static let closed = Self(kind: .closed)
        /// A server cannot listen on the address that it was given.
        public static let listeningFailed = Self(kind: .listeningFailed)
        /// No connection to the other side came about.
        public static let connectionFailed = Self(kind: .connectionFailed)
        /// A proxy opened no way to the server; ``WebSocketError/underlying`` is a `ProxyFailure`.
        public static let proxyFailed = Self(kind: .proxyFailed)
        /// No TLS with the server or a proxy came about; ``WebSocketError/underlying`` is a `TLSFailure`.
        public static let tlsFailed = Self(kind: .tlsFailed)
        /// The opening handshake failed.
        public static let handshakeFailed = Self(kind: .handshakeFailed)
        /// The server redirects to where no redirect is followed, or too often.
        public static let redirectRefused = Self(kind: .redirectRefused)
        /// Two tasks wanted to receive from the same connection.
        public static let concurrentReceive = Self(kind: .concurrentReceive)
        /// The protocol does not allow what was asked for; the connection goes on.
        public static let misuse = Self(kind: .misuse)
        /// Certificates, keys or other files that were configured cannot be used.
        public static let misconfigured = Self(kind: .misconfigured)
        /// The address is not one of a WebSocket server.
        public static let invalidAddress = Self(kind: .invalidAddress)
        /// The opening handshake took longer than it may.
        public static let timedOut = Self(kind: .timedOut)

        /// The code's name, such as `handshakeFailed`.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure it is: what to branch on.
    public var code: Code
    /// What happened, as a sentence for people.
    public var message: String
    /// How the connection ended, when it did.
    public var closure: Closure?
    /// The server's answer to the opening handshake, body included, when that is what failed (HC-09); with
    /// ``Code/proxyFailed`` that of the proxy.
    public var response: HTTP1Response?
    /// The error beneath.
    public var underlying: (any Error)?
    /// What the transport says of it, with which the ``message`` ends; `nil` when it says nothing.
    package private(set) var transportReason: String?

    init(
        _ code: Code, _ message: String, closure: Closure? = nil, underlying: (any Error)? = nil,
        transportReason: String? = nil
    ) {
        self.transportReason = transportReason
        self.code = code
        self.message = message
        self.closure = closure
        self.underlying = underlying
    }

    init(closed closure: Closure) {
        self.init(.closed, closure.description, closure: closure)
    }

    /// Tells our caller's fault from the connection's end.
    init(_ misuse: ProtocolMisuse, closure: Closure?) {
        if misuse == .closing, let closure {
            self.init(closed: closure)
        } else {
            self.init(.misuse, misuse.description, closure: closure, underlying: misuse)
        }
    }
}

extension WebSocketError: CustomStringConvertible {
    /// The ``message``.
    public var description: String { message }
}
