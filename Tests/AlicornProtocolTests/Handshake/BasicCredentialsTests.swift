// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct BasicCredentialsTests {
    @Test(
        "the examples of RFC 7617 §2 and §2.1, both ways",
        arguments: [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test", "123£", "Basic dGVzdDoxMjPCow=="),
            ("", "", "Basic Og=="), ("u", "a:b", "Basic dTphOmI="),
        ]
    )
    func converts(username: String, password: String, value: String) throws {
        let credentials = try BasicCredentials(username: username, password: password)
        #expect(credentials.authorization == value)
        #expect(try BasicCredentials(in: request(value)) == credentials)
    }

    @Test("the scheme has any case and any spaces behind it")
    func readsLeniently() throws {
        #expect(try BasicCredentials(in: request("bAsIC   dTpw")).username == "u")
    }

    @Test(
        "what a request lacks is named (AUT-04)",
        arguments: [
            ([], .missing, "Missing credentials"), (["Bearer x"], .unsupported, "Unsupported credentials"),
            ([""], .unsupported, "Unsupported credentials"), (["Basic"], .invalid, "Invalid credentials"),
            (["Basic dTpw", "Basic dTpw"], .invalid, "Invalid credentials"),
            (["Basic dTp"], .invalid, "Invalid credentials"),
            (["Basic dXA="], .invalid, "Invalid credentials"), (["Basic /zr/"], .invalid, "Invalid credentials"),
            (["Basic dTpw "], .invalid, "Invalid credentials"), (["Basic ADpw"], .invalid, "Invalid credentials"),
        ] as [([String], CredentialsFailure, String)]
    )
    func refuses(values: [String], failure: CredentialsFailure, text: String) throws {
        let request = try request(values)
        #expect(throws: failure) { try BasicCredentials(in: request) }
        #expect(failure.description == text)
    }

    @Test("what the scheme cannot carry is refused (RFC 7617 §2)")
    func refusesInput() {
        #expect(throws: InvalidCredentials.colonInUsername) { try BasicCredentials(username: "a:b", password: "") }
        #expect(throws: InvalidCredentials.controlCharacter) { try BasicCredentials(username: "a\n", password: "") }
        #expect(throws: InvalidCredentials.controlCharacter) { try BasicCredentials(username: "", password: "\u{7F}") }
        #expect("\(InvalidCredentials.colonInUsername)".hasPrefix("the user name holds a colon"))
        #expect("\(InvalidCredentials.controlCharacter)".contains("control character"))
    }

    @Test("the challenge quotes the realm and announces UTF-8 (RFC 7617 §2.1)")
    func challenges() {
        #expect(BasicCredentials.challenge(realm: "") == #"Basic realm="", charset="UTF-8""#)
        #expect(BasicCredentials.challenge(realm: #"a "b" \c"#) == #"Basic realm="a \"b\" \\c", charset="UTF-8""#)
    }

    @Test("no description shows the password")
    func hidesPassword() throws {
        let credentials = try BasicCredentials(username: "ann", password: "secret")
        #expect("\(credentials)" == #"credentials of "ann""#)
        #expect(String(reflecting: credentials) == #"credentials of "ann""#)
    }

    @Test("credentials match when both parts are equal (H15)")
    func matches() throws {
        let expected = try BasicCredentials(username: "ann", password: "secret")
        #expect(expected.matches(expected))
        #expect(!(try BasicCredentials(username: "ann", password: "secreT").matches(expected)))
        #expect(!(try BasicCredentials(username: "bob", password: "secret").matches(expected)))
        #expect(!(try BasicCredentials(username: "", password: "").matches(expected)))
    }

    @Test("secrets of different length differ, also where one repeats the other")
    func comparesLengths() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2, 1, 2], [1, 2]))
        #expect(!constantTimeEquals([0], []))
        #expect(!constantTimeEquals([], [0]))
        #expect(!constantTimeEquals([1], [1, 2]))
    }

    private func request(_ values: String...) throws -> RequestHead { try request(values) }

    private func request(_ values: [String]) throws -> RequestHead {
        var fields = HeaderFields()
        for value in values { try fields.append(name: "Authorization", value: value) }
        return RequestHead(method: "GET", target: "/", fields: fields)
    }
}
