// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct InvalidURITests {
    static let explanations: [(InvalidURI.Reason, String)] = [
        (.missingScheme, "it does not begin with ws:// or wss://"),
        (.scheme("http"), "its scheme is \"http\", and has to be ws or wss"),
        (.fragment, "it has a fragment; write %23 for a # in a path or query"),
        (.character(" "), "it holds the character \" \", which has to be percent-encoded"),
        (.escape, "it holds a % that begins no escape, or escapes that are not UTF-8; write %25 for a percent sign"),
        (.repeatedAt, "it holds more than one @ before the host; write %40 for one in a user name or password"),
        (
            .lateAt,
            "it has no valid host, but an @ behind a / or ?; write %2F or %3F for those in a user name or password"
        ),
        (.missingPassword, "it has a user name without a password"),
        (.credentials(.colonInUsername), "the user name holds a colon, which Basic authentication cannot carry"),
        (.host(.empty), "the host is missing"),
    ]

    @Test("every reason is a sentence with the address in it", arguments: explanations)
    func describes(reason: InvalidURI.Reason, explanation: String) {
        #expect(InvalidURI("x", reason).description == "\"x\" is not the address of a WebSocket server: \(explanation)")
    }

    @Test(
        "user name and password are left out",
        arguments: [
            ("ws://u:secret@h/p", "ws://...@h/p"), ("ws://u:sec@ret@h", "ws://...@h"), ("ws:/u:secret@h", "ws://...@h"),
            ("ws://h/p", "ws://h/p"), ("u:secret@h/p", "...@h/p"), ("u:sec/ret@h", "...@h"), ("u@h/", "...@h/"),
            ("@", "...@"),
            ("u:x://secret@h", "...@h"), ("", ""),
        ]
    )
    func redacts(uri: String, expected: String) {
        #expect(InvalidURI(uri, .fragment).uri == expected)
    }
}
