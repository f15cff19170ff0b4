// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
/// A program of the kernel's packet filter (BPF, linux/filter.h) that picks a socket by its place in the group.
package enum PortProgram {
    /// `SO_ATTACH_REUSEPORT_CBPF`, which the C library's module leaves out.
    static let attach: Int32 = 51

    /// `struct sock_filter`.
    package struct Instruction: Equatable, Sendable {
        package var code: UInt16
        package var ifTrue: UInt8 = 0
        package var ifFalse: UInt8 = 0
        package var constant: UInt32
    }

    /// `struct sock_fprog`.
    struct Filter {
        var count: UInt16
        var first: UnsafeMutablePointer<Instruction>?
    }

    /// Returns one of the places at random. A program has at most 4096 instructions, twice for each place.
    package static func choosing(among places: [Int]) -> [Instruction] {
        let places = places.prefix(2000).map { UInt32(clamping: $0) }
        guard let last = places.last, places.count > 1 else {
            return [Instruction(code: returnConstant, constant: places.first ?? 0)]
        }
        var program = [
            Instruction(code: loadWord, constant: random),
            Instruction(code: remainder, constant: UInt32(places.count)),
        ]
        for (index, place) in places.dropLast().enumerated() {
            program.append(Instruction(code: skipUnlessEqual, ifFalse: 1, constant: UInt32(index)))
            program.append(Instruction(code: returnConstant, constant: place))
        }
        program.append(Instruction(code: returnConstant, constant: last))
        return program
    }

    /// BPF_LD | BPF_W | BPF_ABS.
    private static let loadWord: UInt16 = 0x20
    /// BPF_ALU | BPF_MOD | BPF_K.
    private static let remainder: UInt16 = 0x94
    /// BPF_JMP | BPF_JEQ | BPF_K.
    private static let skipUnlessEqual: UInt16 = 0x15
    /// BPF_RET | BPF_K.
    private static let returnConstant: UInt16 = 0x06
    /// SKF_AD_OFF + SKF_AD_RANDOM: a random number.
    private static let random = UInt32(bitPattern: -0x1000 + 56)
}

#endif
