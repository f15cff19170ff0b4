// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HeadParserTests {
    private enum Outcome: Equatable {
        case head(String, [HeaderField], rest: String)
        case incomplete
        case violation(HTTPViolation)
    }

    private func request(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) -> Outcome {
        var parser = HeadParser<RequestLine>()
        var outcome = Outcome.incomplete
        do throws(HTTPViolation) {
            let rest = try feed(pieces) { (input, position) throws(HTTPViolation) in
                guard case .incomplete = outcome,
                    let (line, fields) = try parser.next(in: input, from: &position, limits: limits)
                else { return false }
                let start = "\(fields.text(line.method)) \(fields.text(line.target)) 1.\(line.version.minor)"
                outcome = .head(start, fields.indices.map { fields[$0] }, rest: "")
                return true
            }
            if case .head(let start, let fields, _) = outcome { outcome = .head(start, fields, rest: text(rest)) }
            return outcome
        } catch {
            return .violation(error)
        }
    }

    @Test(
        "a head is the same in whatever cut it arrives, and what is behind it is left alone",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", .head("GET / 1.1", [], rest: "")),
            ("\r\nGET / HTTP/1.1\r\n\r\n", .head("GET / 1.1", [], rest: "")),
            (
                "POST /a HTTP/1.0\r\nHost: b\r\nX:\r\nhost:\t c d \r\n\r\n\r\nGET",
                .head(
                    "POST /a 1.0",
                    [.init(name: "Host", value: "b"), .init(name: "X", value: ""), .init(name: "host", value: "c d")],
                    rest: "\r\nGET")
            ),
            ("", .incomplete), ("GET / HTTP/1.1\r\nHost: a\r\n", .incomplete), ("\r\n", .incomplete),
            ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", .violation(.malformedRequestLine)),
            ("GET / HTTP/1.1\n\n", .violation(.bareLineFeed)),
            ("GET / HTTP/1.1\r\n a: b\r\n\r\n", .violation(.whitespaceBeforeFields)),
            ("GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n", .violation(.obsoleteLineFolding)),
            ("GET / HTTP/1.1\r\na: b\0c\r\n\r\n", .violation(.controlCharacter)),
            ("\u{16}\u{3}\u{1}", .violation(.controlCharacter)),
        ] as [(String, Outcome)]
    )
    private func parses(input: String, expected: Outcome) {
        #expect(inEveryCut(of: bytes(input)) { request($0) } == expected)
    }

    @Test(
        "each limit holds to the byte, in every cut",
        arguments: [
            ("GET /12345678 HTTP/1.1\r\n\r\n", nil),
            ("GET /123456789 HTTP/1.1\r\n\r\n", .requestLineTooLong),
            ("GET / HTTP/1.1\r\nab: 3456789012\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nab: 34567890123\r\n\r\n", .fieldLineTooLong),
            ("GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n", .tooManyFields),
            ("GET / HTTP/1.1\r\na: 4567890123\r\nb: 4567890123\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\na: 4567890123\r\nb: 4567890123\r\nc:4\r\n\r\n", .headTooLarge),
        ] as [(String, HTTPViolation?)]
    )
    func limits(input: String, violation: HTTPViolation?) {
        var limits = HTTPLimits()
        limits.startLine = 22
        limits.fieldLine = 14
        limits.fields = 3
        limits.head = 50
        let outcome = inEveryCut(of: bytes(input)) { request($0, limits: limits) }
        switch (outcome, violation) {
        case (.head, nil): break
        case (.violation(let found), let expected): #expect(found == expected)
        default: Issue.record("\(outcome)")
        }
    }

    @Test("a start line alone can be too large for the head")
    func startLineBeyondHead() {
        var limits = HTTPLimits()
        limits.head = 10
        #expect(request([bytes("GET / HTTP/1.1\r\n\r\n")], limits: limits) == .violation(.headTooLarge))
    }

    @Test("a head that arrives in two parts takes little of what is behind it")
    func leavesBody() throws {
        var parser = HeadParser<RequestLine>()
        let first = bytes("GET / HTTP/1.1\r\nHo")
        var position = 0
        #expect(try parser.next(in: first.span, from: &position, limits: HTTPLimits()) == nil)
        #expect(position == first.count)
        let second = bytes("st: a\r\n\r\n") + [UInt8](repeating: 0, count: 100_000)
        position = 0
        #expect(try parser.next(in: second.span, from: &position, limits: HTTPLimits()) != nil)
        #expect(position == 9)
    }

    @Test("a parser is untouched before a head, behind an empty line and behind a head")
    func untouched() throws {
        var parser = HeadParser<RequestLine>()
        var states: [Bool] = [parser.isUntouched]
        for piece in ["\r", "\n", "GET", " / HTTP/1.1\r\n\r\n"] {
            var position = 0
            let bytes = bytes(piece)
            _ = try parser.next(in: bytes.span, from: &position, limits: HTTPLimits())
            states.append(parser.isUntouched)
        }
        #expect(states == [true, false, true, false, true])
    }

    @Test("trailers are a head without a start line (RFC 9112 §7.1.2)")
    func trailers() throws {
        let outcome = try inEveryCut(of: bytes("a: b\r\nc: d\r\n\r\nx")) { pieces throws in
            var parser = HeadParser<NoStartLine>()
            var fields: [HeaderField] = []
            let rest = try feed(pieces) { (input, position) throws in
                guard fields.isEmpty, let (_, found) = try parser.next(in: input, from: &position, limits: HTTPLimits())
                else { return false }
                fields = found.indices.map { found[$0] }
                return true
            }
            return fields.map { "\($0.name)=\($0.value)" } + [text(rest)]
        }
        #expect(outcome == ["a=b", "c=d", "x"])
        #expect(NoStartLine.tooLong == .trailersTooLarge)
        #expect(NoStartLine.sectionTooLarge == .trailersTooLarge)
        #expect(NoStartLine.toleratedEmptyLines == 0)
        _ = NoStartLine.parse(0..<0, in: bytes("").span)
    }
}

extension HeaderFields {
    /// The indices of all fields, for tests that want them as text.
    var indices: Range<Int> { 0..<count }
}
