// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// One element of a `Sec-WebSocket-Extensions` header: a name with its parameters (RFC 6455 §9.1).
public struct ExtensionDescription: Sendable, Hashable {
    /// A parameter; `value` is `nil` where the header gives only the name. Quotes are already removed.
    public struct Parameter: Sendable, Hashable {
        /// The name, a token.
        public var name: String
        /// The value, a token, or `nil`.
        public var value: String?

        /// Takes a name, and a value unless the name stands alone.
        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// The extension's name, a token.
    public var name: String
    /// The parameters, in their order; a name may come twice, which the extension has to refuse.
    public var parameters: [Parameter]

    /// Takes a name and parameters.
    public init(_ name: String, _ parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }
}

/// A server's side of negotiating one extension. Values, shared by all connections.
public protocol ServerExtension: Sendable {
    /// Decides about one element of the client's offer.
    ///
    /// - Returns: the element of the answer with the transform for the connection, or `nil` to decline the offer.
    ///   Declining is never an error: the client may have offered an alternative (RFC 7692 §5.1).
    func accept(_ offer: ExtensionDescription) -> AcceptedExtension?
}

/// A client's side of negotiating one extension. Values, shared by all connections.
public protocol ClientExtension: Sendable {
    /// The elements to offer, in order of preference.
    var offers: [ExtensionDescription] { get }

    /// Checks the server's answer against the offers.
    ///
    /// - Throws: ``ExtensionRefusal`` when the answer is not one that the offers allow; the client then fails the
    ///   connection (RFC 6455 §4.1, RFC 7692 §5.1).
    func accept(answer: ExtensionDescription) throws(ExtensionRefusal) -> AcceptedExtension
}

/// What negotiation came to: the element that stands in the answer, and what will be done to the messages.
public struct AcceptedExtension {
    /// The element that stands in the answer.
    public var description: ExtensionDescription
    /// What is done to the messages of the connection.
    public var transform: any MessageTransform

    /// Takes the element of the answer and what follows from it.
    public init(_ description: ExtensionDescription, transform: any MessageTransform) {
        self.description = description
        self.transform = transform
    }
}

/// Why a client refuses the server's answer to its offer; the text completes "the server answered ...".
public struct ExtensionRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason.
    public var description: String

    /// Takes the reason.
    public init(_ description: String) { self.description = description }
}
