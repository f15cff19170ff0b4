// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Gives the bytes 1, 2, 3, ... so that keys are known: the one of RFC 6455 §4.1's example comes first.
struct CountingGenerator: RandomNumberGenerator {
    private var last: UInt8 = 0

    mutating func next() -> UInt64 {
        var word: UInt64 = 0
        for position: UInt64 in 0..<8 {
            last &+= 1
            word |= UInt64(last) << (position * 8)
        }
        return word
    }
}

/// An extension that is accepted and checked by name, on either side.
struct NamedExtension: ServerExtension, ClientExtension {
    var offers: [ExtensionDescription]
    var refusal: ExtensionRefusal?

    init(_ offers: ExtensionDescription..., refusal: ExtensionRefusal? = nil) {
        self.offers = offers
        self.refusal = refusal
    }

    func accept(_ offer: ExtensionDescription) -> AcceptedExtension? {
        offers.contains(offer) ? AcceptedExtension(offer, transform: IdleTransform()) : nil
    }

    func accept(answer: ExtensionDescription) throws(ExtensionRefusal) -> AcceptedExtension {
        if let refusal { throw refusal }
        return AcceptedExtension(answer, transform: IdleTransform())
    }
}

extension HeaderFields {
    init(_ pairs: [(String, String)]) throws {
        self.init()
        for (name, value) in pairs { try append(name: name, value: value) }
    }

    /// The fields as lines of a message.
    var lines: [String] { (0..<count).map { "\(self[$0].name): \(self[$0].value)" } }
}

extension RequestHead {
    /// The request of RFC 6455 §1.2, with other values for some headers; an empty list removes the header.
    static func handshake(
        method: String = "GET", version: HTTPVersion = .http11, _ changes: [String: [String]] = [:]
    ) throws -> RequestHead {
        let usual = [
            ("Host", "server.example.com"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
        ]
        var fields = try HeaderFields(usual.filter { changes[$0.0] == nil })
        for (name, values) in changes.sorted(by: { $0.key < $1.key }) {
            for value in values { try fields.append(name: name, value: value) }
        }
        return RequestHead(method: method, target: "/chat", version: version, fields: fields)
    }
}

/// A transform that handshake tests never run.
final class IdleTransform: MessageTransform {
    func isWorthTransforming(length: Int) -> Bool { false }

    func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {}

    func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress { .endOfMessage }
}
