// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornCommand

@Suite("JSON on several lines")
struct JSONTextTests {
    @Test(
        "keys keep their order, numbers their digits, and texts what is in them",
        arguments: [
            (#"{"b":1.50,"a":[1, 2]}"#, "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    2\n  ]\n}"), ("{}", "{}"),
            ("[]", "[]"),
            (#"[{"x":"a,b:{\"c\"}"},{}]"#, "[\n  {\n    \"x\": \"a,b:{\\\"c\\\"}\"\n  },\n  {}\n]"),
            (" [ 1 ] ", "[\n  1\n]"),
        ])
    func pretty(text: String, expected: String) { #expect(JSONText.pretty(text) == expected) }

    @Test("what is no JSON object or array stays", arguments: ["", "1", "hello", "{", "[1", #""a""#])
    func none(text: String) { #expect(JSONText.pretty(text) == nil) }
}
