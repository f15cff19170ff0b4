// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// RFC 6455 §7.4.
struct CloseCodeTests {
    @Test("1000 to 1003, 1007 to 1014 and 3000 to 4999 are allowed on the wire, no others (CC-02)")
    func allowsOnTheWire() {
        var allowed = Set(1000...1003).union(1007...1014).union(3000...4999)
        for raw in UInt16.min ... .max where CloseCode(rawValue: raw).isAllowedOnTheWire {
            #expect(allowed.remove(Int(raw)) != nil, "\(raw)")
        }
        #expect(allowed.isEmpty)
    }

    @Test("1000, 1001 and no code are normal, no others (CC-04)")
    func isNormal() {
        let normal = (UInt16.min ... .max).filter { CloseCode(rawValue: $0).isNormal }
        #expect(normal == [1000, 1001, 1005])
    }

    static let texts: [(CloseCode, String)] = [
        (.normalClosure, "1000 (OK)"), (.goingAway, "1001 (going away)"), (.protocolError, "1002 (protocol error)"),
        (.unsupportedData, "1003 (unsupported data)"), (1004, "1004 (unknown)"),
        (.noStatusReceived, "1005 (no status received)"), (.abnormalClosure, "1006 (abnormal closure)"),
        (.invalidPayload, "1007 (invalid frame payload data)"), (.policyViolation, "1008 (policy violation)"),
        (.messageTooBig, "1009 (message too big)"), (.mandatoryExtension, "1010 (mandatory extension)"),
        (.internalError, "1011 (internal error)"), (.serviceRestart, "1012 (service restart)"),
        (.tryAgainLater, "1013 (try again later)"), (.badGateway, "1014 (bad gateway)"),
        (.tlsHandshakeFailure, "1015 (TLS handshake failure)"), (999, "999 (unknown)"), (2000, "2000 (unknown)"),
        (3000, "3000 (registered)"), (3999, "3999 (registered)"), (4000, "4000 (private use)"),
        (4999, "4999 (private use)"), (5000, "5000 (unknown)"),
    ]

    @Test("codes are described with their meaning (CC-01, CC-03)", arguments: texts)
    func describes(code: CloseCode, text: String) { #expect(code.description == text) }
}
