// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("What proxies tell in header fields")
struct ForwardedElementsTests {
    private static func fields(_ lines: [(String, String)]) throws -> HeaderFields {
        var fields = HeaderFields()
        for (name, value) in lines { try fields.append(name: name, value: value) }
        return fields
    }

    private static func text(_ elements: [ForwardedElement]?) -> [String]? {
        elements?.map { element in
            let address = element.address.map { String($0.bits, radix: 16) } ?? "-"
            let port = element.port.map { ":\($0)" } ?? ""
            return address + port + (element.isSecure.map { $0 ? " secure" : " plain" } ?? "")
        }
    }

    @Test(
        "Forwarded is read as RFC 7239 has it",
        arguments: [
            (#"for=192.0.2.1"#, ["ffffc0000201"]),
            (#"for="[2001:db8::1]:4711""#, ["20010db8000000000000000000000001:4711"]),
            (#"For=192.0.2.1; proto=HTTPS;by=203.0.113.43"#, ["ffffc0000201 secure"]),
            (#"for=192.0.2.1;proto=http, for="198.51.100.17:80""#, ["ffffc0000201 plain", "ffffc6336411:80"]),
            (#"for="_gazonk""#, ["-"]), ("for=unknown", ["-"]), (#"for="192.0.2.1:_obf""#, ["ffffc0000201"]),
            (#"host="a\"b,c;d";for="192.0.2.\1""#, ["ffffc0000201"]), (" , ,for=192.0.2.1, ", ["ffffc0000201"]),
            (";;for=192.0.2.1;", ["ffffc0000201"]), ("", []), ("proto=gopher", ["-"]),
            ("for", nil), ("for=", nil), ("=a", nil), (#"for="192.0.2.1"#, nil), (#"for="192.0.2.1\"#, nil),
            ("for=192.0.2.1 proto=http", nil), ("for=[::1]", nil), ("for = 192.0.2.1", nil),
        ] as [(String, [String]?)])
    func standard(value: String, elements: [String]?) throws {
        let read = Self.text(ForwardedElements.standard(in: try Self.fields([("Forwarded", value)])))
        #expect(read == elements)
    }

    @Test("several fields make one list")
    func several() throws {
        let fields = try Self.fields([("Forwarded", "for=192.0.2.1"), ("forwarded", "for=192.0.2.2")])
        #expect(Self.text(ForwardedElements.standard(in: fields)) == ["ffffc0000201", "ffffc0000202"])
    }

    @Test(
        "X-Forwarded-For and -Proto are read as proxies write them",
        arguments: [
            ([("X-Forwarded-For", "192.0.2.1")], ["ffffc0000201"]),
            (
                [("X-Forwarded-For", "192.0.2.1, 192.0.2.2:80"), ("X-Forwarded-Proto", "https")],
                ["ffffc0000201 secure", "ffffc0000202:80 secure"]
            ),
            (
                [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "::1"), ("X-Forwarded-Proto", "https, http")],
                ["ffffc0000201 secure", "1 plain"]
            ),
            (
                [("X-Forwarded-For", "[::1]:80,[::2],"), ("X-Forwarded-Proto", "a, wss, ws")],
                ["1:80 plain", "2 plain"]
            ),
            (
                [("X-Forwarded-For", "unknown, 192.0.2.1:x, [::1]x, [192.0.2.1], ::1:, [::1")],
                ["-", "ffffc0000201", "-", "-", "-", "-"]
            ),
            ([("X-Forwarded-Proto", "https")], []),
        ] as [([(String, String)], [String])])
    func customary(lines: [(String, String)], elements: [String]) throws {
        #expect(Self.text(ForwardedElements.customary(in: try Self.fields(lines))) == elements)
    }
}
