// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How a proxy broke the PROXY protocol (`proxy-protocol.txt` of HAProxy, versions 1 and 2).
package enum ProxyViolation: Error, Sendable, Hashable, CaseIterable {
    /// The connection begins with something else.
    case noHeader
    /// A line of version 1 without an end within 107 bytes (§2.1).
    case lineTooLong
    /// A line of version 1 against its grammar (§2.1).
    case malformedLine
    /// Another version than 1 and 2 (§2.2).
    case unknownVersion
    /// A command that version 2 does not have (§2.2).
    case unknownCommand
    /// A header of version 2 that is too short for its addresses (§2.2).
    case missingAddresses
    /// A header of version 2 longer than ``ProxyHeader/limit``.
    case headerTooLong
    /// The proxy ended the connection within the header.
    case incomplete
    /// The header took longer than it may.
    case timedOut
}

extension ProxyViolation: CustomStringConvertible {
    /// The fault as a sentence.
    package var description: String {
        switch self {
        case .noHeader:
            "the connection does not begin with a PROXY protocol header: switch it on in the proxy, or off here"
        case .lineTooLong: "the PROXY line has no end within \(ProxyHeader.longestLine) bytes"
        case .malformedLine: "the PROXY line is malformed"
        case .unknownVersion: "the PROXY protocol header has an unknown version: 1 and 2 are known"
        case .unknownCommand: "the PROXY protocol header has an unknown command: LOCAL and PROXY are known"
        case .missingAddresses: "the PROXY protocol header is too short for its addresses"
        case .headerTooLong: "the PROXY protocol header is longer than \(ProxyHeader.limit) bytes"
        case .incomplete: "the connection ended within its PROXY protocol header"
        case .timedOut: "the PROXY protocol header did not come in time"
        }
    }
}
