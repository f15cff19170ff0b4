// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct OutputTests {
    @Test("pieces stand one behind the other in an array")
    func array() {
        let (first, second) = (bytes("ab"), bytes("cd"))
        var output = [UInt8](copying: first.span)
        output.append(copying: second.span)
        output.append("ef")
        #expect(text(output) == "abcdef")
    }

    @Test("pieces stand one behind the other in a place that was made for them")
    func span() {
        var output = bytes("<")
        let (piece, nothing): ([UInt8], [UInt8]) = (bytes("span "), [])
        output.append(addingCapacity: 50) { output in
            output.append("constant ")
            output.append(copying: piece.span)
            output.append(copying: nothing.span)
            output.append(utf8: "")
            output.append(utf8: "té×t, longer than what fits ")
            output.append(decimal: 0)
        }
        #expect(text(output) == "<constant span té×t, longer than what fits 0")
    }

    @Test("numbers are written in digits", arguments: [0, 7, 10, 404, 1_000_000, .max])
    func decimal(number: Int) {
        var output: [UInt8] = []
        output.append(addingCapacity: 20) { $0.append(decimal: number) }
        #expect(text(output) == String(number))
    }
}
