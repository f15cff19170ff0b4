// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

#if os(Linux)

@Suite("The program that picks a worker for a connection")
struct PortProgramTests {
    /// Runs a program as the kernel does, for the instructions that there are.
    private func run(_ program: [PortProgram.Instruction], random: UInt32) -> UInt32? {
        var (accumulator, next) = (UInt32(0), 0)
        while next < program.count {
            let instruction = program[next]
            next += 1
            switch instruction.code {
            case 0x20: accumulator = instruction.constant == 0xffff_f038 ? random : 0
            case 0x94: accumulator %= instruction.constant
            case 0x15:
                next += Int(accumulator == instruction.constant ? instruction.ifTrue : instruction.ifFalse)
            case 0x06: return instruction.constant
            default: return nil
            }
        }
        return nil
    }

    @Test(
        "it picks each of the places as often, and no other",
        arguments: [[0], [3], [0, 1], [1, 4, 5], Array(0..<1024)])
    func choosing(places: [Int]) {
        let program = PortProgram.choosing(among: places)
        #expect(program.count <= 4096)
        let picked = (0..<places.count).map { run(program, random: UInt32(0x1_0000 * places.count + $0)) }
        #expect(picked == places.map(UInt32.init))
    }

    @Test("it stays within what the kernel takes, and is never empty")
    func bounds() {
        #expect(PortProgram.choosing(among: Array(0..<100_000)).count <= 4096)
        #expect(run(PortProgram.choosing(among: []), random: 7) == 0)
    }
}

#endif
