// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// Walks every pair of state and input of the table in `HTTP1ServerConnection.swift`.
struct HTTP1ServerConnectionStateTests {
    private static let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    private static let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"

    /// The ways into each state.
    private static let states: [(name: String, enter: @Sendable (Served) throws -> Void)] = [
        ("idle", { _ in }),
        ("in head", { $0.receive(bytes("GET /")) }),
        ("in body", { $0.receive(bytes(post + "a")) }),
        ("due", { $0.receive(bytes(upgrade)) }),
        ("stopped", { $0.receive(bytes("\n")) }),
        (
            "in body, begun",
            {
                $0.receive(bytes(post + "a"))
                try $0.send(ResponseHead(status: 200), body: .streamed)
            }
        ),
        (
            "begun",
            {
                $0.receive(bytes(upgrade))
                try $0.send(ResponseHead(status: 200), body: .streamed)
            }
        ),
        (
            "draining",
            {
                $0.receive(bytes(post + "a"))
                _ = try $0.send(ResponseHead(status: 200), wholeBody: "")
            }
        ),
        (
            "upgraded",
            {
                $0.receive(bytes(upgrade))
                try $0.sendUpgradeResponse(ResponseHead(status: 101))
            }
        ),
        ("closed", { $0.closeAfterResponse() }),
    ]

    private static let inputs: [(name: String, apply: @Sendable (Served) throws -> Void)] = [
        ("bytes", { $0.receive(bytes("b")) }),
        ("end of input", { _ = $0.receiveEOF() }),
        ("fail", { $0.fail(.headTimedOut) }),
        ("close after", { $0.closeAfterResponse() }),
        ("close after next", { $0.closeAfterNextResponse() }),
        ("send", { try $0.send(ResponseHead(status: 200), body: .streamed) }),
        ("send body", { try $0.sendBody("x") }),
        ("end", { _ = try $0.endResponse() }),
        ("continue", { $0.sendContinue() }),
        ("interim", { try $0.sendInterim(ResponseHead(status: 103)) }),
        ("upgrade", { try $0.sendUpgradeResponse(ResponseHead(status: 101)) }),
        ("failure", { $0.sendFailureResponse(for: .headTimedOut) }),
    ]

    /// The state as far as it shows: what the connection takes, and whether a response is due or begun.
    private func visibleState(_ served: Served) -> String {
        if served.isClosed { return "closed" }
        let isDue = (try? served.sendInterim(ResponseHead(status: 103))) != nil
        let isBegun = (try? served.sendBody("")) != nil
        let receiving = served.isIdle ? "idle" : served.wantsInput ? "reading" : "not reading"
        return receiving + (isDue ? ", due" : isBegun ? ", begun" : "")
    }

    private static let visible = [
        "idle": "idle", "in head": "reading", "in body": "reading, due", "due": "not reading, due",
        "stopped": "not reading, due", "in body, begun": "reading, begun", "begun": "not reading, begun",
        "draining": "reading", "upgraded": "not reading", "closed": "closed",
    ]

    /// The state behind each input, in the order of `inputs`; empty where the input is misuse.
    private static let transitions: [String: [String]] = [
        "idle": ["in head", "closed", "stopped", "closed", "idle", "", "", "", "idle", "", "", "closed"],
        "in head": ["in head", "stopped", "stopped", "in head", "in head", "", "", "", "in head", "", "", "closed"],
        "in body": [
            "due", "stopped", "stopped", "in body", "in body", "in body, begun", "", "", "in body", "in body", "",
            "closed",
        ],
        "due": ["due", "due", "due", "due", "due", "begun", "", "", "due", "due", "upgraded", "closed"],
        "stopped": [
            "stopped", "stopped", "stopped", "stopped", "stopped", "begun", "", "", "stopped", "stopped", "", "closed",
        ],
        "in body, begun": [
            "begun", "begun", "begun", "in body, begun", "in body, begun", "", "in body, begun", "draining",
            "in body, begun", "", "", "closed",
        ],
        "begun": ["begun", "begun", "begun", "begun", "begun", "", "begun", "idle", "begun", "", "", "closed"],
        "draining": ["idle", "closed", "closed", "closed", "closed", "", "", "", "draining", "", "", "closed"],
        "upgraded": [
            "upgraded", "upgraded", "upgraded", "upgraded", "upgraded", "", "", "", "upgraded", "", "", "closed",
        ],
        "closed": ["closed", "closed", "closed", "closed", "closed", "", "", "", "closed", "", "", "closed"],
    ]

    @Test("every input does in every state what the table says", arguments: states.map(\.name))
    func walk(state: String) throws {
        let enter = try #require(Self.states.first { $0.name == state }).enter
        for (index, input) in Self.inputs.enumerated() {
            let served = Served()
            try enter(served)
            let isAccepted = (try? input.apply(served)) != nil
            let next = try #require(Self.transitions[state])[index]
            #expect(isAccepted == !next.isEmpty, "\(input.name)")
            #expect(visibleState(served) == Self.visible[next.isEmpty ? state : next], "\(input.name)")
        }
    }
}
