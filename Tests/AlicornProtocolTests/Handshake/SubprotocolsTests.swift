// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct SubprotocolsTests {
    @Test(
        "the first of the server's list that is offered is chosen (SUB-02, H10)",
        arguments: [
            (["chat", "superchat"], "superchat"), (["chat"], "chat"), (["other", "chat"], "chat"),
        ]
    )
    func chooses(offered: [String], choice: String) throws {
        for policy: Subprotocols.Policy in [.required, .requiredWhenOffered, .optional] {
            #expect(try Subprotocols(["superchat", "chat"], policy: policy).choose(from: offered) == choice)
        }
    }

    @Test("the policy decides when nothing matches; names are case-sensitive")
    func appliesPolicy() throws {
        let required = try Subprotocols(["chat"])
        #expect(required.policy == .required)
        let missing = #expect(throws: HandshakeFailure.self) { try required.choose(from: []) }
        #expect(missing?.description == #"missing Sec-WebSocket-Protocol header; this server speaks "chat""#)
        let different = #expect(throws: HandshakeFailure.self) { try required.choose(from: ["Chat"]) }
        #expect(
            different?.description
                == #"none of the offered subprotocols "Chat" is supported; this server speaks "chat""#)

        let whenOffered = try Subprotocols(["chat"], policy: .requiredWhenOffered)
        #expect(try whenOffered.choose(from: []) == nil)
        #expect(throws: HandshakeFailure.self) { try whenOffered.choose(from: ["Chat"]) }

        let optional = try Subprotocols(["chat"], policy: .optional)
        #expect(try optional.choose(from: []) == nil)
        #expect(try optional.choose(from: ["x"]) == nil)
    }

    @Test("a list is checked when it is configured (SUB-01)")
    func validates() {
        #expect(throws: HandshakeMisuse.subprotocol("")) { try Subprotocols([""]) }
        #expect(throws: HandshakeMisuse.subprotocol("a b")) { try Subprotocols(["a", "a b"]) }
        #expect(throws: HandshakeMisuse.subprotocol("é")) { try Subprotocols(["é"]) }
        #expect(throws: HandshakeMisuse.repeatedSubprotocol("a")) { try Subprotocols(["a", "b", "a"]) }
    }

    @Test(
        "offers are read over all fields, empty elements are skipped",
        arguments: [
            ([], []), ([""], []), (["chat, superchat"], ["chat", "superchat"]),
            (["chat", " ,superchat,"], ["chat", "superchat"]),
        ]
    )
    func readsOffers(values: [String], offered: [String]) throws {
        #expect(try Subprotocols.offered(in: .handshake(["Sec-WebSocket-Protocol": values])) == offered)
    }

    @Test(
        "an offer against the rules is refused (RFC 6455 §4.1, item 10; H5)",
        arguments: [
            (["chat, chat"], #"the subprotocol "chat" is offered twice"#),
            (["chat", "x, chat"], #"the subprotocol "chat" is offered twice"#),
            (["a b"], #"invalid Sec-WebSocket-Protocol header: "a b" is not a token"#),
            (["é"], #"invalid Sec-WebSocket-Protocol header: "é" is not a token"#),
            (["\"a\""], #"invalid Sec-WebSocket-Protocol header: "\"a\"" is not a token"#),
        ]
    )
    func refusesOffers(values: [String], text: String) throws {
        let request = try RequestHead.handshake(["Sec-WebSocket-Protocol": values])
        let failure = #expect(throws: HandshakeFailure.self) { try Subprotocols.offered(in: request) }
        #expect(failure?.description == text)
    }
}
