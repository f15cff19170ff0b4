// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// `[user:password@]host[:port]`: the authority of an address (RFC 3986 §3.2).
struct Authority: Sendable, Hashable {
    let credentials: BasicCredentials?
    let host: HostName
    /// The port, or `nil` where none is given.
    let port: Int?

    /// The authority of an address that was cut by ``WebSocketURI/split(_:)``.
    init(of parts: WebSocketURI.Parts) throws(InvalidURI.Reason) {
        do throws(InvalidURI.Reason) { try self.init(parts.authority) } catch {
            // The error would show a piece of the password as the port.
            if case .host = error, parts.resource.contains(UInt8(ascii: "@")) { throw .lateAt }
            throw error
        }
    }

    /// - Throws: ``InvalidURI/Reason``
    init(_ text: ArraySlice<UInt8>) throws(InvalidURI.Reason) {
        let parts = text.split(separator: UInt8(ascii: "@"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw .repeatedAt }
        credentials = try parts.count == 2 ? Self.credentials(parts[0]) : nil
        do throws(InvalidHost) {
            let end = try HostAndPort.split(parts[parts.count - 1])
            host = try HostName(iri: end.host)
            port = try HostAndPort.port(end.port)
        } catch { throw .host(error) }
    }

    /// Decodes `user:password` (RFC 3986 §3.2.1): strictly, as a guess would send a wrong password.
    private static func credentials(_ text: ArraySlice<UInt8>) throws(InvalidURI.Reason) -> BasicCredentials {
        let unfit = text.first { byte in
            byte < 0x80 && !byte.isUnreserved && !byte.isSubDelimiter && byte != UInt8(ascii: "%")
                && byte != UInt8(ascii: ":")
        }
        if let unfit { throw .character(Unicode.Scalar(unfit)) }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { throw .missingPassword }
        let username = try decode(text[..<colon])
        let password = try decode(text[(colon + 1)...])
        do {
            return try BasicCredentials(username: username, password: password)
        } catch { throw .credentials(error) }
    }

    private static func decode(_ text: ArraySlice<UInt8>) throws(InvalidURI.Reason) -> String {
        guard let bytes = PercentEncoding.decode(text), let text = String(validating: bytes, as: UTF8.self) else {
            throw .escape
        }
        return text
    }
}
