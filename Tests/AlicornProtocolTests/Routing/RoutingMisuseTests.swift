// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@Suite("What is wrong with a route")
struct RoutingMisuseTests {
    @Test(
        "each fault is a sentence that names what is at fault",
        arguments: [
            (.noLeadingSlash("a"), #""a" does not begin"#),
            (.malformedParameter("x{", pattern: "/x{"), #""x{" of the route "/x{""#),
            (.unknownConverter("float", pattern: "/{a:float}"), "use int, uuid, string, path"),
            (.repeatedParameter("a", pattern: "/{a}/{a}"), #"two parameters named "a""#),
            (.pathNotLast("/{a:path}/b"), "goes on"),
            (.ambiguous("/a"), #"as "/a" already"#), (.method("A B"), #""A B" is not a method"#),
            (.unknownParameter("c", pattern: "/{b}"), #"no parameter "c""#), (.redirectStatus(200), "200 is not"),
            (.noFolder("/a"), #"no folder "/a""#),
        ] as [(RoutingMisuse, String)])
    func descriptions(misuse: RoutingMisuse, part: String) { #expect(misuse.description.contains(part)) }
}
