// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HTTPViolationTests {
    @Test("each violation has a sentence of its own")
    func sentences() {
        let sentences = HTTPViolation.allCases.map(\.description)
        #expect(Set(sentences).count == sentences.count)
        #expect(sentences.allSatisfy { !$0.isEmpty && !$0.hasSuffix(".") })
    }

    @Test("each violation has a registered error status")
    func statuses() {
        for violation in HTTPViolation.allCases {
            #expect((400...599).contains(violation.status))
            #expect(!ReasonPhrase.standard(for: violation.status).isEmpty)
        }
    }

    @Test(
        "the RFCs' statuses are used where they name one",
        arguments: [
            (.requestLineTooLong, 414), (.fieldLineTooLong, 431), (.headTooLarge, 431), (.tooManyFields, 431),
            (.trailersTooLarge, 431), (.methodTooLong, 501), (.unsupportedTransferCoding, 501),
            (.unsupportedVersion, 505), (.unknownExpectation, 417), (.bodyTooLarge, 413), (.headTimedOut, 408),
            (.missingHost, 400), (.tooManyInterimResponses, 502),
        ] as [(HTTPViolation, Int)]
    )
    func status(violation: HTTPViolation, status: Int) {
        #expect(violation.status == status)
    }
}
