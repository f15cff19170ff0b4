// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Heads that come again")
struct RepeatableHeadTests {
    /// All requests of a connection, in words; each is answered before the next.
    private func requests(_ pieces: [String]) -> [String] {
        var connection = HTTP1ServerConnection()
        var said: [String] = []
        for piece in pieces {
            let input = Array(piece.utf8)
            var position = 0
            while let event = connection.next(in: input.span, from: &position) {
                switch event {
                case .request(let head, let body, _):
                    let fields = (0..<head.fields.count).map { "\(head.fields[$0].name)=\(head.fields[$0].value)" }
                    said.append("\(head.method) \(head.target) \(head.version) \(fields) \(body)")
                case .body(let range): said.append(String(decoding: input[range], as: UTF8.self))
                case .failure(let violation): said.append("\(violation)")
                case .end:
                    var output: [UInt8] = []
                    _ = try? connection.send(ResponseHead(status: 204), wholeBody: [], date: nil, into: &output)
                }
            }
        }
        return said
    }

    private static let get = "GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"
    private static let post = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"

    @Test(
        "a request is what it is, whatever came before it on its connection, in any cut (RFC 9112 §2.2)",
        arguments: [
            [get, get], [get + get], [post, post], [get, post, get], [get, get.replacing("X: 1", with: "X: 2")],
            [get, get.replacing("/a ", with: "/b "), get], ["\r\n" + get, get, "\r\n" + get],
            [get, get.replacing("HTTP/1.1", with: "HTTP/1.0")], [get, get + "\r\n" + get], [get, "X" + get],
            [get, get.replacing("\r\n\r\n", with: "\r\nContent-Length: 1\r\n\r\nz")],
        ])
    func sameAsAlone(_ sent: [String]) {
        let together = requests(sent)
        #expect(requests([sent.joined()]) == together)
        #expect(requests(sent.joined().map { String($0) }).joined() == together.joined())
        // A connection that has seen nothing says the same of each.
        #expect(sent.flatMap { requests([$0]) } == together)
    }

    private func begins(_ bytes: some Sequence<UInt8>, with last: RepeatableHead?) -> Bool? {
        let bytes = Array(bytes)
        return last?.begins(bytes.span)
    }

    @Test("what only begins like it is another")
    func prefixes() {
        let bytes = Array(Self.get.utf8)
        let last = RepeatableHead(
            RequestHead(method: "GET", target: "/a", fields: HeaderFields(bytes: bytes, entries: [])), .unknown)
        #expect(begins(bytes + [65], with: last) == true)
        for index in bytes.indices {
            #expect(begins(bytes[..<index], with: last) == false)
            var changed = bytes
            changed[index] ^= 1
            #expect(begins(changed, with: last) == false)
        }
    }

    @Test("a long one is not kept")
    func length() {
        let fields = HeaderFields(bytes: Array(repeating: 65, count: 1025), entries: [])
        #expect(RepeatableHead(RequestHead(method: "GET", target: "/", fields: fields), .unknown) == nil)
    }
}
