// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite("Where lines are written to")
struct LogOutputTests {
    @Test("lines of many threads come whole")
    func wholeLines() async {
        let pipe = LogPipe()
        // 8 × 50 lines of 100 bytes are less than the least a pipe holds.
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    let line = Array(repeating: UInt8(ascii: "a") + UInt8(writer), count: 99) + [UInt8(ascii: "\n")]
                    for _ in 0..<50 { pipe.output.write(line) }
                }
            }
        }
        let lines = pipe.take().split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.utf8.count == 99 && Set($0).count == 1 })
    }

    @Test("a line larger than what is taken at once is written in parts, each when there is room")
    func largeLine() {
        let pipe = LogPipe(patience: .seconds(60))
        let line = String(repeating: "long ", count: 100_000) + "\n"
        Thread.detachNewThread { pipe.output.write(Array(line.utf8)) }
        var text = ""
        while !text.hasSuffix("\n") {
            let piece = pipe.takeNext()
            if piece.isEmpty { break }
            text += piece
        }
        #expect(text == line)
    }

    @Test("a full pipe takes no line, and keeps nobody: the log goes on when there is room again")
    func fullPipe() {
        let pipe = LogPipe()
        pipe.fill()
        for _ in 0..<100 { pipe.output.write(Array("dropped\n".utf8)) }
        #expect(!pipe.take().contains("dropped"))
        pipe.output.write(Array("written\n".utf8))
        #expect(pipe.take() == "written\n")
    }

    @Test("what follows a line that was cut off is a line of its own")
    func cutLine() {
        let pipe = LogPipe()
        pipe.output.write(Array(repeating: UInt8(ascii: "x"), count: 1 << 21))
        pipe.output.write(Array("dropped\n".utf8))
        #expect(pipe.take().allSatisfy { $0 == "x" })
        pipe.output.write(Array("next\n".utf8))
        pipe.output.write(Array("last\n".utf8))
        #expect(pipe.take() == "\nnext\nlast\n")
    }

    @Test("a reader that has gone, or a descriptor that is closed, is no failure")
    func gone() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        let output = LogOutput(descriptor: ends[1])
        for _ in 0..<3 { output.write(Array("line\n".utf8)) }
        close(ends[1])
        LogOutput(descriptor: -1).write(Array("line\n".utf8))
        #expect(!LogOutput(descriptor: -1).isTerminal)
    }

    @Test("a pipe is no terminal, a terminal is one (U-C-32)")
    func terminals() {
        #expect(!LogPipe().output.isTerminal)
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        #expect(LogOutput(descriptor: terminal).isTerminal)
    }
}
