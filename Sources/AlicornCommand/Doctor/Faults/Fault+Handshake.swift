// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// A 101 that is not one of WebSocket.
extension Fault {
    /// What is wrong with the fields of a 101, and where; `nil` for what is no matter of theirs.
    static func ofFields(_ failure: HandshakeFailure) -> Finding? {
        switch failure {
        case .missingUpgrade, .invalidUpgrade: Finding(at: .upgrade, "\(failure)", wrongUpgrade(failure))
        case .missingConnection, .invalidConnection:
            Finding(at: .connection, "\(failure)", wrongConnection(failure))
        case .malformedList(let list):
            list.name.lowercased() == "connection"
                ? Finding(at: .connection, "\(failure)", wrongConnection(failure))
                : Finding(at: .upgrade, "\(failure)", wrongUpgrade(failure))
        case .missingAccept: Finding(at: .accept, "\(failure)", missingAccept)
        case .repeatedAccept: Finding(at: .accept, "\(failure)", repeatedAccept)
        case .wrongAccept: Finding(at: .accept, "\(failure)", wrongAccept(failure))
        case .severalSubprotocols: Finding(at: .subprotocol, "\(failure)", duplicateSubprotocol)
        case .unofferedSubprotocol(let name):
            Finding(at: .subprotocol, "\(failure)", unofferedSubprotocol(name))
        case .malformedExtensions, .repeatedExtensions, .unofferedExtension, .severalExtensions, .refusedExtension:
            Finding(at: .extensions, "\(failure)", badExtensions(failure))
        default: nil
        }
    }

    private static func wrongUpgrade(_ failure: HandshakeFailure) -> Self {
        Self(
            .wrongUpgrade, "The server answers 101, and does not switch to WebSocket: \(failure).",
            remedy:
                "The answer needs the field \"Upgrade: websocket\" (RFC 6455 §4.2.2). Have the server, or the proxy that "
                + "rewrites its answer, send it.")
    }

    private static func wrongConnection(_ failure: HandshakeFailure) -> Self {
        Self(
            .wrongConnection, "The server answers 101 without naming the switch: \(failure).",
            remedy:
                "The answer needs the field \"Connection: Upgrade\" (RFC 6455 §4.2.2). A proxy that sets Connection in "
                + "answers, such as to keep-alive, has to leave that of a 101 alone.")
    }

    private static let missingAccept = Self(
        .missingAccept, "The server answers 101 without Sec-WebSocket-Accept: it has not read our key.",
        remedy: """
            A server of WebSocket computes it from Sec-WebSocket-Key (RFC 6455 §4.2.2). Whoever answers upgrades all to \
            something without being one, or a proxy takes the field out: let it pass.
            """)

    private static func wrongAccept(_ failure: HandshakeFailure) -> Self {
        Self(
            .wrongAccept, "The answer does not belong to our request: \(failure).",
            remedy: """
                Either the server computes it wrongly (it is the base64 form of the SHA-1 of the key and \
                258EAFA5-E914-47DA-95CA-C5AB0DC85B11, RFC 6455 §4.2.2), or a cache or proxy between answers with what \
                another client got, or makes up a key of its own (HAProxy does when a rule takes ours out): have it pass \
                upgrades through, whole and uncached.
                """)
    }

    private static let repeatedAccept = Self(
        .repeatedAccept, "The server answers with several Sec-WebSocket-Accept fields.",
        remedy:
            "It is allowed once (RFC 6455 §11.3.3): the server's library sends it; the application must not do so, too."
    )

    private static let duplicateSubprotocol = Self(
        .duplicateSubprotocol,
        "The server answers with several Sec-WebSocket-Protocol fields, and clients refuse that.",
        remedy: """
            It is allowed once (RFC 6455 §11.3.4). With ASGI, give the subprotocol to accept(subprotocol=...) and leave the \
            field out of accept(headers=...): uvicorn sends both.
            """)

    private static func unofferedSubprotocol(_ name: String) -> Self {
        Self(
            .unofferedSubprotocol,
            "The server picks the subprotocol \(Excerpt(name)), which was not offered, and clients refuse that.",
            remedy: """
                Offer it: --subprotocol \(name.escapedForLog), and new WebSocket(url, "\(name.escapedForLog)") in a browser. A \
                server has to pick one of the client's, or none (RFC 6455 §4.2.2).
                """)
    }

    private static func badExtensions(_ failure: HandshakeFailure) -> Self {
        Self(
            .badExtensions, "The server answers with extensions that do not fit what was offered: \(failure).",
            remedy: """
                It may accept only what the client offered, with parameters that fit (RFC 6455 §9.1, RFC 7692 §7.1). Until \
                the server is mended, go without compression: --no-deflate shows whether that helps.
                """)
    }
}
