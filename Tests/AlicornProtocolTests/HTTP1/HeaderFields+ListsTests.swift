// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HeaderFieldsListsTests {
    private func connection(_ values: [String]) throws -> HeaderFields {
        var fields = HeaderFields()
        try fields.append(name: "Host", value: "a")
        for value in values { try fields.append(name: "Connection", value: value) }
        return fields
    }

    @Test(
        "a list joins all fields, trims white space and skips empty elements (RFC 9110 §5.6.1)",
        arguments: [
            ([], []),
            ([""], []),
            (["close"], ["close"]),
            (["keep-alive, Upgrade"], ["keep-alive", "Upgrade"]),
            (["keep-alive", "Upgrade"], ["keep-alive", "Upgrade"]),
            ([" , a ,\t,b\t,,"], ["a", "b"]),
            ([",", "a,", ",b"], ["a", "b"]),
        ] as [([String], [String])]
    )
    func lists(values: [String], tokens: [String]) throws {
        #expect(try connection(values).tokens(of: "connection") == tokens)
    }

    @Test("an element that is not a token is an error that names it", arguments: ["a b", "a, b;c", "\"a\"", "é"])
    func refuses(value: String) throws {
        let fields = try connection([value])
        #expect(throws: InvalidHeaderList.self) { try fields.tokens(of: "Connection") }
        let error = InvalidHeaderList(name: "Connection", element: "a b")
        #expect(error.description == "the Connection header holds \"a b\", which is not a token")
    }

    @Test("a token is found in any case and only as a whole element")
    func finds() throws {
        let fields = try connection(["keep-alive , UPGRADE", "x y, close"])
        #expect(fields.containsToken("upgrade", in: "Connection"))
        #expect(fields.containsToken("close", in: "connection"))
        #expect(!fields.containsToken("keep", in: "Connection"))
        #expect(!fields.containsToken("y", in: "Connection"))
        #expect(!fields.containsToken("upgrade", in: "Upgrade"))
    }

    @Test("presence and number are asked by name in any case")
    func counts() throws {
        let fields = try connection(["a", "b"])
        #expect(fields.contains("host"))
        #expect(!fields.contains("hos"))
        #expect(fields.count(of: "CONNECTION") == 2)
        #expect(fields.count(of: "upgrade") == 0)
    }
}
