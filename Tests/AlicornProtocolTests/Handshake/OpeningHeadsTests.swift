// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("What an open connection keeps of its opening")
struct OpeningHeadsTests {
    @Test("request and response come out as they went in, field by field")
    func roundTrip() throws {
        var request = RequestHead(method: "GET", target: "/chat?room=%20" + String(repeating: "x", count: 9000))
        for (name, value) in [("Host", "example.com"), ("X-Twice", "1"), ("x-twice", "ü 2"), ("Empty", "")] {
            try request.fields.append(name: name, value: value)
        }
        for number in 0..<200 { try request.fields.append(name: "N\(number)", value: "\(number)") }
        var response = ResponseHead(status: 101, reason: "Now we talk")
        try response.fields.append(name: "Upgrade", value: "websocket")
        let heads = OpeningHeads(request: request, response: response)
        #expect(heads.request.method == "GET")
        #expect(heads.request.target == request.target)
        #expect(heads.request.version == .http11)
        #expect(lines(heads.request.fields) == lines(request.fields))
        #expect(heads.response.status == 101)
        #expect(heads.response.reason == "Now we talk")
        #expect(lines(heads.response.fields) == lines(response.fields))
    }

    private func lines(_ fields: HeaderFields) -> [HeaderField] { (0..<fields.count).map { fields[$0] } }

    @Test("what could never have been on the wire leaves what is always true of an opening")
    func impossible() {
        let heads = OpeningHeads(
            request: RequestHead(method: "", target: "/x"), response: ResponseHead(status: 101, reason: "a\r\nb"))
        #expect(heads.request.target == "/")
        #expect(heads.response.status == 101)
    }
}
