// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("The parameters of a path")
struct PathParametersTests {
    private let parameters = PathParameters([("id", "42"), ("name", "a b")])

    @Test("a parameter is given as text, or as a value of the type that is asked for")
    func values() throws {
        #expect(parameters["id"] == "42" && parameters["name"] == "a b" && parameters["other"] == nil)
        let id: Int = try parameters("id")
        #expect(id == 42)
        #expect(try parameters("id", as: Double.self) == 42)
        #expect(try parameters("name") == "a b")
    }

    @Test("what is not there, or of another type, is an error that names it", arguments: ["name", "other"])
    func invalid(name: String) {
        let error = #expect(throws: InvalidPathParameter.self) { try parameters(name, as: Int.self) }
        #expect(error?.name == name)
        #expect(error?.description.contains("\"\(name)\"") == true)
    }

    @Test("they are equal when names and texts are")
    func equality() {
        #expect(parameters == PathParameters([("id", "42"), ("name", "a b")]))
        #expect(parameters != PathParameters([("id", "42")]))
        #expect(Set([parameters, parameters, PathParameters([])]).count == 2)
    }
}
