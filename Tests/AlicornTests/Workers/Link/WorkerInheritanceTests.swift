// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("What a supervisor leaves a worker")
struct WorkerInheritanceTests {
    @Test("the variable is read as it was written")
    func roundTrip() {
        let inheritance = WorkerInheritance(link: 5, number: 2, listening: [7, 9])
        #expect(inheritance.text == "5,2,7,9")
        #expect(WorkerInheritance(inheritance.text) == inheritance)
        #expect(WorkerInheritance("5,2") == WorkerInheritance(link: 5, number: 2, listening: []))
    }

    @Test(
        "what no supervisor has written is none",
        arguments: ["", "5", "5,", "a,b", "5,-1,7", "5,0,7,", "5, 0", "5,99999999999"])
    func garbage(text: String) {
        #expect(WorkerInheritance(text) == nil)
    }
}
