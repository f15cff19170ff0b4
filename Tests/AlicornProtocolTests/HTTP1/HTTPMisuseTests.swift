// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HTTPMisuseTests {
    @Test("each misuse has a sentence of its own that names what was passed")
    func sentences() {
        let misuses: [HTTPMisuse] = [
            .noResponseDue, .noResponseBegun, .invalidStatus(99), .invalidMethod("G T"), .invalidTarget("/\n"),
            .invalidReason("a\n"), .framingField("Content-Length"), .forbiddenTrailer("Host"), .trailersWithoutChunks,
            .bodyNotAllowed(status: 204), .bodyTooLong, .bodyTooShort(missing: 5), .tunnel, .upgradeNotPossible,
        ]
        #expect(Set(misuses.map(\.description)).count == misuses.count)
        #expect(HTTPMisuse.invalidStatus(99).description.contains("99"))
        #expect(HTTPMisuse.bodyTooShort(missing: 5).description.contains("5 bytes"))
        #expect(HTTPMisuse.invalidMethod("G T").description.contains("\"G T\""))
    }
}
