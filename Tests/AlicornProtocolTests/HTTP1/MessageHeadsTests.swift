// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct MessageHeadsTests {
    @Test("heads have a version and no fields unless told otherwise")
    func defaults() {
        let request = RequestHead(method: "GET", target: "/")
        #expect(request.version == .http11 && request.fields.count == 0)
        let response = ResponseHead(status: 426)
        #expect(response.reason == "Upgrade Required" && response.version == .http11)
        #expect(ResponseHead(status: 200, reason: "Fine").reason == "Fine")
    }

    @Test("the registered phrases are those of RFC 9110 §15 and RFC 6585")
    func phrases() {
        let phrases = (0...600).map { ReasonPhrase.standard(for: $0) }.filter { !$0.isEmpty }
        #expect(phrases.count == 51 && Set(phrases).count == phrases.count)
        #expect(phrases.first == "Continue" && phrases.last == "Network Authentication Required")
    }

    @Test("an unknown status has no reason phrase")
    func unknown() {
        #expect(ResponseHead(status: 299).reason == "")
    }

    @Test("versions are ordered")
    func order() {
        #expect(HTTPVersion.http10 < .http11)
    }
}
