// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HTTP1SerializerTests {
    @Test("a request's head is written as it is read")
    func request() throws {
        var head = RequestHead(method: "GET", target: "/a?b")
        try head.fields.append(name: "Host", value: "a")
        try head.fields.append(name: "X-Name", value: "é")
        var output: [UInt8] = [1]
        try HTTP1Serializer.append(head, to: &output)
        #expect(output == [1] + bytes("GET /a?b HTTP/1.1\r\nHost: a\r\nX-Name: ") + [0xE9] + bytes("\r\n\r\n"))
        head.version = .http10
        head.fields = HeaderFields()
        output = []
        try HTTP1Serializer.append(head, to: &output)
        #expect(text(output) == "GET /a?b HTTP/1.0\r\n\r\n")
    }

    @Test("a response's head is written as it is read")
    func response() throws {
        var head = ResponseHead(status: 404)
        try head.fields.append(name: "A", value: "b")
        var output: [UInt8] = []
        try HTTP1Serializer.append(head, to: &output)
        #expect(text(output) == "HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n")
        output = []
        try HTTP1Serializer.append(ResponseHead(status: 299, reason: "\u{E9}\t!"), to: &output)
        #expect(output == bytes("HTTP/1.1 299 ") + [0xE9] + bytes("\t!\r\n\r\n"))
    }

    @Test("a head may get a Date, lose a field and get others, in one piece")
    func changes() throws {
        var head = ResponseHead(status: 200)
        try head.fields.append(name: "A", value: "b")
        try head.fields.append(name: "C", value: "d")
        var output = bytes("before ")
        HTTP1Serializer.append(checked: head, date: "now", except: "a", more: 10, to: &output) { $0.append("E: f\r\n") }
        #expect(text(output) == "before HTTP/1.1 200 OK\r\nDate: now\r\nC: d\r\nE: f\r\n\r\n")
    }

    @Test("methods that are not tokens are refused, and nothing is written", arguments: ["", "G T", "GET\r\n", "GÉT"])
    func method(method: String) {
        var output: [UInt8] = []
        #expect(throws: HTTPMisuse.invalidMethod(method)) {
            try HTTP1Serializer.append(RequestHead(method: method, target: "/"), to: &output)
        }
        #expect(output.isEmpty)
    }

    @Test(
        "targets that could end the request line are refused",
        arguments: ["", "/ HTTP/1.1", "/\r\nX: y", "/\0", "/é", "/\t", "/\u{7F}"]
    )
    func target(target: String) {
        var output: [UInt8] = []
        #expect(throws: HTTPMisuse.invalidTarget(target)) {
            try HTTP1Serializer.append(RequestHead(method: "GET", target: target), to: &output)
        }
        #expect(output.isEmpty)
    }

    @Test(
        "reason phrases that could end the status line are refused",
        arguments: ["a\r\nX: y", "\0", "\u{7F}", "\u{10A}"])
    func reason(reason: String) {
        var output: [UInt8] = []
        #expect(throws: HTTPMisuse.invalidReason(reason)) {
            try HTTP1Serializer.append(ResponseHead(status: 200, reason: reason), to: &output)
        }
        #expect(output.isEmpty)
    }

    @Test("status codes outside 100 to 599 are refused", arguments: [-1, 0, 99, 600, 1000])
    func status(status: Int) {
        var output: [UInt8] = []
        #expect(throws: HTTPMisuse.invalidStatus(status)) {
            try HTTP1Serializer.append(ResponseHead(status: status, reason: ""), to: &output)
        }
    }

    @Test(
        "numbers are written in digits",
        arguments: [
            (0, "0"), (9, "9"), (10, "a"), (255, "ff"), (.max, "7fffffffffffffff"),
        ]
    )
    func numbers(number: Int, hexadecimal: String) {
        var output: [UInt8] = []
        HTTP1Serializer.append(hexadecimal: number, to: &output)
        #expect(text(output) == hexadecimal)
    }
}
