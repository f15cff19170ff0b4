// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HTTPViolationResponseTests {
    @Test("the response to a violation tells it as text and ends the connection", arguments: HTTPViolation.allCases)
    func responds(violation: HTTPViolation) {
        let (head, body) = violation.response
        #expect(head.status == violation.status)
        #expect(head.fields.values(of: "Content-Type") == ["text/plain; charset=utf-8"])
        #expect(head.fields.values(of: "Content-Length") == [String(body.count)])
        #expect(head.fields.values(of: "Connection") == ["close"])
        #expect(text(body) == "\(head.reason): \(violation).\n")
    }
}
