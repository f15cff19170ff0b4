// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Looking paths up")
struct RouteTableTests {
    private static func table(_ patterns: [String]) throws -> RouteTable<String> {
        var table = RouteTable<String>()
        for pattern in patterns { try table.update(pattern) { _ in pattern } }
        return table
    }

    private static let patterns = [
        "/", "/users/me", "/users/{id:int}", "/users/{key:uuid}", "/users/{name}", "/users/{name}/posts",
        "/users/me/{x}",
        "/files/{rest:path}", "/files/index", "/a/", "/straße", "/{any}/last",
    ]

    @Test(
        "the more particular route is found first, whatever the order of adding",
        arguments: [
            ("/", "/", []), ("/users/me", "/users/me", []), ("/users/42", "/users/{id:int}", ["id=42"]),
            (
                "/users/123e4567-e89b-12d3-a456-426614174000", "/users/{key:uuid}",
                ["key=123e4567-e89b-12d3-a456-426614174000"]
            ),
            ("/users/ada", "/users/{name}", ["name=ada"]), ("/users/42/posts", "/users/{name}/posts", ["name=42"]),
            // What is particular on the left may come to nothing on the right.
            ("/users/me/posts", "/users/me/{x}", ["x=posts"]), ("/users/last", "/users/{name}", ["name=last"]),
            ("/files/index", "/files/index", []), ("/files/a/b%20c", "/files/{rest:path}", ["rest=a/b c"]),
            ("/files/", "/files/{rest:path}", ["rest="]), ("/files/last", "/files/{rest:path}", ["rest=last"]),
            ("/files/index/x", "/files/{rest:path}", ["rest=index/x"]), ("/a/", "/a/", []),
            ("/stra%C3%9Fe", "/straße", []),
            ("/b/last", "/{any}/last", ["any=b"]), ("/users/a%2Fb", "/users/{name}", ["name=a/b"]),
            ("/%75sers/me", "/users/me", []), ("/users/..", "/users/{name}", ["name=.."]),
            ("/a", nil, []), ("/users", nil, []), ("/users/", nil, []), ("/users//posts", nil, []), ("//", nil, []),
            ("", nil, []),
            ("users/me", nil, []), ("/USERS/me", nil, []), ("/users/%", nil, []), ("/users/%zz", nil, []),
            ("/users/%ff", nil, []),
            ("/files", nil, []), ("/files/../x", nil, []), ("/files/a/%2e%2E", nil, []), ("/files/./x", nil, []),
            ("/users/a/b/c", nil, []),
        ] as [(String, String?, [String])])
    func finding(path: String, pattern: String?, parameters: [String]) throws {
        for patterns in [Self.patterns, Self.patterns.reversed()] {
            let found = try Self.table(patterns).find(path)
            #expect(found?.value == pattern)
            for parameter in parameters {
                let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                #expect(found?.parameters[String(parts[0])] == String(parts[1]))
            }
        }
    }

    @Test("what is found on the way to nothing leaves no parameters behind")
    func givenUp() throws {
        let table = try Self.table(["/{a}/{b}/x", "/{c:path}"])
        let found = try #require(table.find("/1/2/3"))
        #expect(found.value == "/{c:path}")
        #expect(found.parameters == PathParameters([("c", "1/2/3")]))
    }

    @Test("a pattern is changed by asking for it again, and only under the same names")
    func updating() throws {
        var table = try Self.table(["/{a}"])
        try table.update("/{a}") { ($0 ?? "") + "!" }
        #expect(table.find("/x")?.value == "/{a}!")
        #expect(throws: RoutingMisuse.ambiguous("/{b}")) { try table.update("/{b}") { _ in "" } }
        #expect(throws: RoutingMisuse.method("")) {
            try table.update("/new") { _ throws(RoutingMisuse) in throw .method("") }
        }
        #expect(table.find("/x")?.value == "/{a}!")
        #expect(try RouteTable<String>.names(in: "/{a}/b/{c:int}") == ["a", "c"])
    }

    @Test("a long path takes a time that is linear in it, with routes that make it try again and again")
    func linear() throws {
        var patterns = ["/{rest:path}"]
        for depth in 1..<12 { patterns.append("/{first}" + String(repeating: "/a", count: depth)) }
        let table = try Self.table(patterns)
        let path = String(repeating: "/a", count: 10_000)
        let start = ContinuousClock.now
        let found = try #require(table.find(path))
        #expect(found.parameters["rest"]?.utf8.count == path.utf8.count - 1)
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(table.find(path + "/..") == nil)
    }
}
