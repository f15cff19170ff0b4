// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ExtensionHeaderTests {
    static let valid: [(String, [ExtensionDescription])] = [
        ("foo", [.init("foo")]),
        ("foo, bar", [.init("foo"), .init("bar")]),
        (
            "foo; name; token=token; quoted=\"quoted\", bar; quux; quuux",
            [
                .init("foo", [.init("name"), .init("token", "token"), .init("quoted", "quoted")]),
                .init("bar", [.init("quux"), .init("quuux")]),
            ]
        ),
        // The examples of RFC 6455 §9.1.
        ("deflate-stream", [.init("deflate-stream")]),
        (
            "mux; max-channels=4; flow-control, deflate-stream",
            [.init("mux", [.init("max-channels", "4"), .init("flow-control")]), .init("deflate-stream")]
        ),
        ("private-extension", [.init("private-extension")]),
        // RFC 7692 §7.1.
        (
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate",
            [
                .init("permessage-deflate", [.init("client_max_window_bits"), .init("server_max_window_bits", "10")]),
                .init("permessage-deflate"),
            ]
        ),
        // Empty elements and white space.
        ("\t foo\t;  bar =\t42,,   baz,,", [.init("foo", [.init("bar", "42")]), .init("baz")]),
        (",,foo", [.init("foo")]), (" , , foo , ", [.init("foo")]),
        // Quoted strings.
        (#"a;b="c\d""#, [.init("a", [.init("b", "cd")])]),
        (#"a;b= "c" ;d"#, [.init("a", [.init("b", "c"), .init("d")])]),
        // What is not forbidden: a parameter twice is the extension's business (RFC 7692 §7.1).
        ("a;b;b=1", [.init("a", [.init("b"), .init("b", "1")])]),
    ]

    @Test("the grammar of RFC 6455 §9.1", arguments: valid)
    func parses(value: String, expected: [ExtensionDescription]) throws {
        #expect(try ExtensionHeader.parse(value) == expected)
    }

    @Test(
        "a fault is told with its position (HDR-08)",
        arguments: [
            ("", .token, 0), (" ", .token, 1), (",", .token, 1), ("foo,  , ;bar", .token, 8), ("a b", .separator, 2),
            ("foo;", .token, 4), ("foo; ", .token, 5), ("foo;;bar", .token, 4), ("foo; =1", .token, 5),
            ("foo;bar=", .token, 8),
            ("foo;bar=,", .token, 8), ("foo;bar=\"\"", .token, 9), ("foo;bar=\"a b\"", .token, 10),
            ("foo;bar=\"a", .closingQuote, 10),
            ("foo;bar=\"", .closingQuote, 9), (#"foo;bar="a\"#, .token, 11), (#"foo;bar="\"""#, .token, 10),
            ("foo;bar=\"a\"x", .separator, 11),
            ("foo=1", .separator, 3), ("é", .token, 0), ("foo; bäh", .separator, 6), ("\"foo\"", .token, 0),
            ("foo;bar=1=2", .separator, 9),
        ] as [(String, InvalidExtensionHeader.Expectation, Int)]
    )
    func locatesFaults(value: String, expected: InvalidExtensionHeader.Expectation, position: Int) {
        let fault = #expect(throws: InvalidExtensionHeader.self) { try ExtensionHeader.parse(value) }
        #expect(fault?.expected == expected)
        #expect(fault?.position == position)
        #expect(fault?.value == value)
    }

    @Test("the texts of faults")
    func describes() {
        let fault = #expect(throws: InvalidExtensionHeader.self) { try ExtensionHeader.parse("a; b=\"") }
        #expect(fault?.description == #"expected closing quote at 6 in "a; b=\"""#)
    }

    @Test("several header fields are one list; without any, it is empty")
    func joinsFields() throws {
        let fields = try HeaderFields([
            ("Sec-WebSocket-Extensions", "a; b"), ("x", "y"), ("sec-websocket-extensions", ", c"),
        ])
        #expect(try ExtensionHeader.parse(fields) == [.init("a", [.init("b")]), .init("c")])
        #expect(try ExtensionHeader.parse(HeaderFields()).isEmpty)
    }

    @Test("a fault in a field is located in its value, whatever stands before the field")
    func locatesInField() throws {
        for fields in [
            [("x", "y"), ("Sec-WebSocket-Extensions", "a; b=é")],
            [("Sec-WebSocket-Extensions", "a"), ("Sec-WebSocket-Extensions", "; b=é")],
        ] {
            let fields = try HeaderFields(fields)
            let fault = #expect(throws: InvalidExtensionHeader.self) { try ExtensionHeader.parse(fields) }
            let value = fields.values(of: ExtensionHeader.name).joined(separator: ", ")
            #expect(fault?.value == value)
            #expect(fault?.position == (value == "a; b=é" ? 5 : 3))
            #expect(fault?.expected == .token)
        }
    }

    @Test("names of RFC 7692 are read as any others")
    func knownNames() throws {
        let names = [
            "client_max_window_bits", "server_max_window_bits", "client_no_context_takeover",
            "server_no_context_takeover", "client_max_window_bitz", "server_no_context_takeoveR", "permessage-deflatf",
        ]
        #expect(
            try ExtensionHeader.parse("permessage-deflate; \(names.joined(separator: "; "))")
                == [.init("permessage-deflate", names.map { .init($0) })])
    }

    @Test("32 extensions with 32 parameters are read, one more is refused")
    func limits() throws {
        let parameters = String(repeating: "; p", count: 32)
        let element = "e" + parameters
        let list = Array(repeating: element, count: 32).joined(separator: ",")
        #expect(try ExtensionHeader.parse(list).count == 32)
        #expect(throws: InvalidExtensionHeader.self) { try ExtensionHeader.parse(list + ",e") }
        let fault = #expect(throws: InvalidExtensionHeader.self) { try ExtensionHeader.parse(element + ";p") }
        #expect(fault?.expected == .end)
        #expect(fault?.description.hasPrefix("expected no more elements at 98 in") == true)
    }

    @Test("what is written is read again")
    func serializes() throws {
        let text = "permessage-deflate; client_max_window_bits; server_max_window_bits=10, x"
        #expect(ExtensionHeader.serialize(try ExtensionHeader.parse(text)) == text)
        #expect(ExtensionHeader.serialize([]) == "")
    }

    @Test("a header cut anywhere is read or refused, never more")
    func survivesCuts() {
        let text = #"foo; name; token=token; quoted="quo\ted", bar; quux="#
        for length in 0...text.utf8.count { _ = try? ExtensionHeader.parse(String(text.prefix(length))) }
    }
}
