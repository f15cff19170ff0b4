// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// One line of the checklist: something that was looked at, and what was seen.
struct Step: Sendable {
    /// What is looked at, in this order.
    enum Name: String, CaseIterable {
        case address = "Address"
        case lookup = "DNS"
        case socket = "TCP"
        case proxy = "Proxy"
        case tls = "TLS"
        case answer = "HTTP answer"
        case upgrade = "Upgrade"
        case connection = "Connection"
        case accept = "Sec-WebSocket-Accept"
        case extensions = "Sec-WebSocket-Extensions"
        case subprotocol = "Sec-WebSocket-Protocol"
        case ping = "Ping"
        case idle = "Idle"
        case close = "Close"
    }

    enum Outcome: String {
        case passed
        /// Good enough, and worth a look.
        case noted
        /// Not there to be looked at, or not wanted.
        case skipped
        case failed
    }

    let name: Name
    let outcome: Outcome
    /// What was seen.
    let text: String
    /// How long it took, where that says something.
    let duration: Duration?

    init(_ name: Name, _ outcome: Outcome, _ text: String, after duration: Duration? = nil) {
        self.name = name
        self.outcome = outcome
        self.text = text
        self.duration = duration
    }
}

/// Where the course ends before its time: what was seen there, and what that means.
struct Finding: Error, Sendable {
    let step: Step
    let fault: Fault

    init(at name: Step.Name, _ text: String, _ fault: Fault) {
        step = Step(name, .failed, text)
        self.fault = fault
    }
}
