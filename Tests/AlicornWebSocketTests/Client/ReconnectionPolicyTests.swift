// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornNIO
@testable import AlicornWebSocket

@Suite("When a client connects again")
struct ReconnectionPolicyTests {
    /// Gives the least, or the greatest, of what is asked for.
    private struct Extreme: RandomNumberGenerator {
        let word: UInt64
        mutating func next() -> UInt64 { word }
    }

    /// The delay in seconds, for the least and the greatest number that chance can give.
    private func range(_ policy: ReconnectionPolicy, after failures: Int) -> ClosedRange<Double> {
        // Words that are always 0 would be refused for ever: they are likelier than the others.
        var (least, greatest) = (Extreme(word: 1), Extreme(word: .max))
        let delays = (policy.delay(after: failures, using: &least), policy.delay(after: failures, using: &greatest))
        return delays.0 / .seconds(1)...delays.1 / .seconds(1)
    }

    private func isAbout(_ range: ClosedRange<Double>, _ expected: ClosedRange<Double>) -> Bool {
        abs(range.lowerBound - expected.lowerBound) < 1e-6 && abs(range.upperBound - expected.upperBound) < 1e-6
    }

    @Test("after a connection that lived, chance spreads the clients over the whole first delay (REC-03)")
    func first() {
        var policy = ReconnectionPolicy()
        #expect(isAbout(range(policy, after: 0), 0...5))
        policy.firstDelay = .milliseconds(100)
        #expect(isAbout(range(policy, after: 0), 0...0.1))
        policy.firstDelay = .zero
        #expect(isAbout(range(policy, after: 0), 0...0))
    }

    @Test(
        "delays grow by the factor, up to the longest, and vary by a fifth (REC-03)",
        arguments: [
            (1, 3), (2, 4.854), (3, 7.853772), (4, 12.707403096), (8, 87.09051840), (9, 90), (10, 90), (1000, 90),
        ] as [(Int, Double)]
    )
    func growth(failures: Int, middle: Double) {
        let range = range(ReconnectionPolicy(), after: failures)
        #expect(isAbout(range, middle * 0.8...middle * 1.2), "\(range)")
    }

    @Test("a policy of one's own is followed")
    func custom() {
        var policy = ReconnectionPolicy()
        (policy.secondDelay, policy.factor, policy.maximumDelay) = (.seconds(10), 2, .seconds(35))
        for (failures, middle) in [(1, 10), (2, 20), (3, 35), (4, 35)] as [(Int, Double)] {
            #expect(isAbout(range(policy, after: failures), middle * 0.8...middle * 1.2))
        }
        policy.factor = 1
        #expect(isAbout(range(policy, after: 50), 8...12))
        policy.maximumDelay = .seconds(5)
        #expect(isAbout(range(policy, after: 1), 4...6))
    }

    @Test("chance decides between the bounds")
    func jitter() {
        var generator = SystemRandomNumberGenerator()
        let delays = (0..<100).map { _ in ReconnectionPolicy().delay(after: 1, using: &generator) }
        #expect(delays.allSatisfy { $0 >= .seconds(2.4) && $0 <= .seconds(3.6) })
        #expect(Set(delays).count > 50)
    }

    @Test("the defaults have no end of attempts, and bound what a server may ask for (REC-04, REC-07, D9)")
    func defaults() {
        let policy = ReconnectionPolicy()
        #expect(policy.maximumAttempts == nil)
        #expect(policy.stableAfter == .seconds(30))
        #expect(policy.maximumRetryAfter == .seconds(600))
        #expect(policy.isWorthRetrying(WebSocketError(.timedOut, "")))
        #expect(!policy.isWorthRetrying(WebSocketError(.invalidAddress, "")))
    }

    @Test(
        "no connection, a lost or slow one, may go better the next time; what we did wrong does not (REC-02)",
        arguments: [
            (.closed, true), (.connectionFailed, true), (.proxyFailed, true), (.timedOut, true),
            (.listeningFailed, false), (.redirectRefused, false), (.concurrentReceive, false), (.misuse, false),
            (.misconfigured, false), (.invalidAddress, false), (.tlsFailed, false),
        ] as [(WebSocketError.Code, Bool)]
    )
    func codes(code: WebSocketError.Code, isTransient: Bool) {
        #expect(ReconnectionPolicy.mayBeTransient(WebSocketError(code, "")) == isTransient)
    }

    @Test(
        "of the answers to a handshake those to a busy or broken server may change (REC-02, RFC 9110 §15)",
        arguments: [
            (408, true), (429, true), (500, true), (502, true), (503, true), (504, true),
            (200, false), (301, false), (400, false), (401, false), (403, false), (404, false), (407, false),
            (426, false), (501, false), (505, false),
        ]
    )
    func statuses(status: Int, isTransient: Bool) {
        for code in [WebSocketError.Code.handshakeFailed, .proxyFailed] {
            var error = WebSocketError(code, "", underlying: HandshakeFailure.missingAccept)
            error.response = HTTP1Response(head: ResponseHead(status: status))
            #expect(ReconnectionPolicy.mayBeTransient(error) == isTransient)
        }
    }

    @Test("a server that went away before it answered may come back, one that answered wrongly does not change")
    func handshakes() {
        #expect(ReconnectionPolicy.mayBeTransient(WebSocketError(.handshakeFailed, "")))
        for underlying: any Error in [HandshakeFailure.missingAccept, HTTPViolation.malformedStatusLine] {
            let error = WebSocketError(.handshakeFailed, "", underlying: underlying)
            #expect(!ReconnectionPolicy.mayBeTransient(error))
        }
    }

    @Test(
        "TLS that broke may go better the next time; certificates, names and refusals do not change by themselves",
        arguments: [
            (.ended, true), (.other, true), (.certificate, false), (.name, false), (.notTLS, false), (.refused, false),
        ] as [(TLSFailure.Kind, Bool)]
    )
    func tls(kind: TLSFailure.Kind, isTransient: Bool) {
        let error = WebSocketError(.tlsFailed, "", underlying: TLSFailure(kind, with: "h", ""))
        #expect(ReconnectionPolicy.mayBeTransient(error) == isTransient)
    }
}
