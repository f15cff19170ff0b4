// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct WebSocketURIReferenceTests {
    private let base = "ws://a/b/c/d;p?q"

    @Test(
        "the normal examples of RFC 3986 §5.4.1, for ws, without their fragments",
        arguments: [
            ("g", "ws://a/b/c/g"), ("./g", "ws://a/b/c/g"), ("g/", "ws://a/b/c/g/"), ("/g", "ws://a/g"),
            ("//g", "ws://g/"), ("//g/a/../b", "ws://g/b"), ("ws://g/./a/../b?c", "ws://g/b?c"),
            ("?y", "ws://a/b/c/d;p?y"), ("g?y", "ws://a/b/c/g?y"), ("#s", "ws://a/b/c/d;p?q"),
            ("g#s", "ws://a/b/c/g"), ("g?y#s", "ws://a/b/c/g?y"), (";x", "ws://a/b/c/;x"), ("g;x", "ws://a/b/c/g;x"),
            ("g;x?y#s", "ws://a/b/c/g;x?y"), ("", "ws://a/b/c/d;p?q"), (".", "ws://a/b/c/"), ("./", "ws://a/b/c/"),
            ("..", "ws://a/b/"), ("../", "ws://a/b/"), ("../g", "ws://a/b/g"), ("../..", "ws://a/"),
            ("../../", "ws://a/"), ("../../g", "ws://a/g"),
        ]
    )
    func normal(reference: String, expected: String) throws {
        #expect(try WebSocketURI(base).resolving(reference).description == expected)
    }

    @Test(
        "the abnormal examples of RFC 3986 §5.4.2, for ws, without their fragments",
        arguments: [
            ("../../../g", "ws://a/g"), ("../../../../g", "ws://a/g"), ("/./g", "ws://a/g"), ("/../g", "ws://a/g"),
            ("g.", "ws://a/b/c/g."), (".g", "ws://a/b/c/.g"), ("g..", "ws://a/b/c/g.."), ("..g", "ws://a/b/c/..g"),
            ("./../g", "ws://a/b/g"), ("./g/.", "ws://a/b/c/g/"), ("g/./h", "ws://a/b/c/g/h"),
            ("g/../h", "ws://a/b/c/h"), ("g;x=1/./y", "ws://a/b/c/g;x=1/y"), ("g;x=1/../y", "ws://a/b/c/y"),
            ("g?y/./x", "ws://a/b/c/g?y/./x"), ("g?y/../x", "ws://a/b/c/g?y/../x"), ("g#s/./x", "ws://a/b/c/g"),
            ("g#s/../x", "ws://a/b/c/g"),
        ]
    )
    func abnormal(reference: String, expected: String) throws {
        #expect(try WebSocketURI(base).resolving(reference).description == expected)
    }

    @Test(
        "dot segments are taken out of the path, and empty ones stay (RFC 3986 §5.2.4)",
        arguments: [
            ("/a/b/c/./../../g", "/a/g"), ("/mid/content=5/../6", "/mid/6"), ("/", "/"), ("/.", "/"), ("/..", "/"),
            ("/../", "/"), ("/a/..", "/"), ("/a/.", "/a/"), ("/a//b", "/a//b"), ("/a//../b", "/a/b"),
            ("/a/b//", "/a/b//"),
            ("/...", "/..."), ("/%2e%2e/a", "/%2e%2e/a"), ("/?", "/?"), ("x:y/../z", nil), ("./x:y", "/b/c/x:y"),
            ("?/../x", "/b/c/d;p?/../x"), ("/a?b?c", "/a?b?c"),
        ] as [(String, String?)]
    )
    func dotSegments(reference: String, resourceName: String?) throws {
        #expect((try? WebSocketURI(base).resolving(reference))?.resourceName == resourceName)
    }

    @Test(
        "a reference from an address without path or query begins at the root",
        arguments: [("g", "ws://h/g"), ("", "ws://h/"), ("?y", "ws://h/?y"), ("..", "ws://h/")]
    )
    func emptyBase(reference: String, expected: String) throws {
        #expect(try WebSocketURI("ws://h").resolving(reference).description == expected)
    }

    @Test(
        "http and https stand for ws and wss (RED-01)",
        arguments: [
            ("http://b/x", "ws://b/x"), ("https://b/x?y", "wss://b/x?y"), ("HTTP://b", "ws://b/"),
            ("Https://b:80/", "wss://b:80/"), ("http://b:443", "ws://b:443/"), ("https://b:443", "wss://b/"),
            ("ws://b", "ws://b/"), ("WSS://b/#f", "wss://b/"), ("https://b?x#y?z", "wss://b/?x"),
        ]
    )
    func absolute(reference: String, expected: String) throws {
        #expect(try WebSocketURI(base).resolving(reference).description == expected)
        #expect(try WebSocketURI("wss://other").resolving(reference).description == expected)
    }

    @Test(
        "a reference without a scheme keeps ours, without a host also host and port (RFC 3986 §5.2.2)",
        arguments: [
            ("ws://a:81/b", "//c", "ws://c/"), ("wss://a/b", "//c:81/d?e#f", "wss://c:81/d?e"),
            ("wss://a:81/b", "c", "wss://a:81/c"), ("wss://a:81/b", "/c", "wss://a:81/c"),
            ("wss://[::1]:81/b?x", "?c", "wss://[::1]:81/b?c"), ("wss://a:80/b", "", "wss://a:80/b"),
        ]
    )
    func relative(address: String, reference: String, expected: String) throws {
        #expect(try WebSocketURI(address).resolving(reference).description == expected)
    }

    @Test(
        "user name and password stay on the same origin, and go to no other (RED-03)",
        arguments: [
            ("", "u"), ("c", "u"), ("/c?d#e", "u"), ("?x@y", "u"), ("/x:y@z", "u"), ("//a", "u"), ("//b", nil),
            ("ws://a/b", "u"), ("http://a/b", "u"), ("https://b", nil), ("//v:q@a", "v"), ("ws://v:q@b", "v"),
        ] as [(String, String?)]
    )
    func credentials(reference: String, username: String?) throws {
        #expect(try WebSocketURI("ws://u:p@a/b").resolving(reference).username == username)
    }

    @Test("a reference is escaped like an address (URI-05)")
    func escapes() throws {
        let uri = try WebSocketURI(base)
        #expect(try uri.resolving("ü?ü").description == "ws://a/b/c/%C3%BC?%C3%BC")
        #expect(try uri.resolving("//bücher.example").host == "xn--bcher-kva.example")
    }

    @Test(
        "what leads to no WebSocket server is refused with its reason",
        arguments: [
            ("g:h", .missingScheme), ("ftp://b", .scheme("ftp")), ("mailto:x@y", .missingScheme),
            ("http:g", .missingScheme), ("ws:g", .missingScheme), (":g", .missingScheme),
            ("//", .host(.empty)), ("http://", .host(.empty)), ("//b:0", .host(.port("0"))),
            ("//u@b", .missingPassword), ("/a b", .character(" ")), ("/%zz", .escape), ("/a\r\nb", .character("\r")),
        ] as [(String, InvalidURI.Reason)]
    )
    func refuses(reference: String, reason: InvalidURI.Reason) throws {
        let uri = try WebSocketURI(base)
        let error = #expect(throws: InvalidURI.self) { try uri.resolving(reference) }
        #expect(error?.reason == reason)
    }

    @Test(
        "addresses have the same origin when scheme, host and port are the same (RFC 6454 §4)",
        arguments: [
            ("ws://a/b", "ws://A:80/c?d", true), ("wss://u:p@a", "wss://a:443", true),
            ("ws://[::1]", "ws://[0::1]", true), ("ws://a", "wss://a", false), ("ws://a:443", "wss://a", false),
            ("ws://a", "ws://b", false), ("ws://a", "ws://a:81", false), ("ws://a", "ws://a.", false),
        ]
    )
    func origins(left: String, right: String, isSame: Bool) throws {
        let (left, right) = (try WebSocketURI(left), try WebSocketURI(right))
        #expect(left.hasSameOrigin(as: right) == isSame)
        #expect(right.hasSameOrigin(as: left) == isSame)
    }
}
