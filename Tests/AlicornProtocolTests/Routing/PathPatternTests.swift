// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Patterns of paths")
struct PathPatternTests {
    @Test(
        "a pattern is texts and parameters",
        arguments: [
            ("/", [.text("")]), ("/a/b", [.text("a"), .text("b")]), ("/a/", [.text("a"), .text("")]),
            ("/straße", [.text("straße")]), ("/{a}", [.parameter(name: "a", .string)]),
            ("/r/{id:int}/{x:uuid}", [.text("r"), .parameter(name: "id", .int), .parameter(name: "x", .uuid)]),
            ("/{a:string}/{b:path}", [.parameter(name: "a", .string), .parameter(name: "b", .path)]),
        ] as [(String, [PathPattern.Segment])])
    func reading(text: String, segments: [PathPattern.Segment]) throws {
        #expect(try PathPattern(text).segments == segments)
    }

    @Test(
        "a malformed pattern is an error",
        arguments: [
            ("", .noLeadingSlash("")), ("a", .noLeadingSlash("a")),
            ("/a{b}", .malformedParameter("a{b}", pattern: "/a{b}")),
            ("/{b", .malformedParameter("{b", pattern: "/{b")),
            ("/b}", .malformedParameter("b}", pattern: "/b}")), ("/{}", .malformedParameter("{}", pattern: "/{}")),
            ("/{:int}", .malformedParameter("{:int}", pattern: "/{:int}")),
            ("/{a}{b}", .malformedParameter("{a}{b}", pattern: "/{a}{b}")),
            ("/{", .malformedParameter("{", pattern: "/{")),
            ("/{a:float}", .unknownConverter("float", pattern: "/{a:float}")),
            ("/{a:}", .unknownConverter("", pattern: "/{a:}")),
            ("/{a}/{a}", .repeatedParameter("a", pattern: "/{a}/{a}")), ("/{a:path}/b", .pathNotLast("/{a:path}/b")),
        ] as [(String, RoutingMisuse)])
    func malformed(text: String, misuse: RoutingMisuse) { #expect(throws: misuse) { try PathPattern(text) } }

    @Test(
        "a converter accepts what it says",
        arguments: [
            (
                .int, ["0", "42", "007", "9223372036854775807"],
                ["", "-1", "+1", "1.0", "٣", "9223372036854775808", "x"]
            ),
            (
                .uuid, ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
                [
                    "", "123e4567-e89b-12d3-a456-42661417400", "123e4567ae89b-12d3-a456-426614174000",
                    "g23e4567-e89b-12d3-a456-426614174000",
                ]
            ),
            (.string, ["a", ".", "..", "ä/b"], [""]), (.path, ["a", ""], [".", ".."]),
        ] as [(PathConverter, [String], [String])])
    func converters(converter: PathConverter, accepted: [String], refused: [String]) {
        for text in accepted { #expect(converter.accepts(text), "\(text)") }
        for text in refused { #expect(!converter.accepts(text), "\(text)") }
    }
}
