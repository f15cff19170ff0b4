// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

@Suite("Formats of the access log")
struct AccessLogFormatTests {
    @Test(
        "it knows whether it asks for what is known only at the end",
        arguments: [
            (#"%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(st)s "%(f)s" "%(a)s""#, false),
            ("%(m)s %(U)s %(q)s %(H)s %({host}i)s %({x-id}o)s %%", false),
            ("just text", false), ("%(b)s", true), ("%(B)s", true), ("%(T)s", true), ("%(M)s", true), ("%(D)s", true),
            ("%(L)s", true), ("%(c)s", true), ("%(cr)s", true), ("%(mi)s", true), ("%(mo)s", true),
        ])
    func needsEnd(text: String, expected: Bool) throws {
        #expect(try AccessLogFormat(text).needsEnd == expected)
    }

    @Test("each request and each WebSocket connection is one line")
    func oneLineEach() throws {
        let (atStart, atEnd) = (try AccessLogFormat("%(s)s"), try AccessLogFormat("%(s)s %(D)s"))
        let end = AccessRecord.Event.end(code: 1000, reason: "", messagesReceived: 0, messagesSent: 0)
        let events: [AccessRecord.Event] = [
            .request(status: 200), .handshake(status: 101), .handshake(status: 403), end,
        ]
        #expect(events.map(atStart.writes) == [true, true, true, false])
        #expect(events.map(atEnd.writes) == [true, false, true, true])
    }

    @Test(
        "what is wrong with a format is said in a sentence",
        arguments: [
            ("", .empty), ("a\nb", .controlCharacter), ("%(h)s\u{1B}[1m", .controlCharacter),
            ("\u{85}", .controlCharacter),
            ("%", .malformed("%")), ("100% sure", .malformed("% sure")), ("%(h", .malformed("%(h")),
            ("%(h)", .malformed("%(h)")), ("%(D)d", .malformed("%(D)d")), ("%s", .malformed("%s")),
            ("%(h)s %(r)", .malformed("%(r)")), ("%()s", .unknownAtom("")), ("%(x)s", .unknownAtom("x")),
            ("%(p)s", .unknownAtom("p")), ("%({x}e)s", .unknownAtom("{x}e")), ("%({x)s", .unknownAtom("{x")),
            ("%({x}ii)s", .unknownAtom("{x}ii")), ("%({}i)s", .invalidFieldName("")),
            ("%({a b}o)s", .invalidFieldName("a b")),
        ] as [(String, InvalidAccessLogFormat)])
    func invalid(text: String, expected: InvalidAccessLogFormat) {
        let error = #expect(throws: InvalidAccessLogFormat.self) { try AccessLogFormat(text) }
        #expect(error == expected)
        #expect(error?.description.hasPrefix("the format of the access log ") == true)
    }

    @Test("who asks for what there is not is told what there is")
    func tellsAtoms() {
        let sentence = InvalidAccessLogFormat.unknownAtom("p").description
        #expect(
            sentence.contains(
                "\"p\", which is none of h, l, u, t, r, m, U, q, H, s, st, B, b, f, a, T, M, D, L, c, cr,"))
        #expect(sentence.contains("{name}i"))
    }
}
