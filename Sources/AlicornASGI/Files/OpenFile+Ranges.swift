// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Parts of a file. All of it blocks.
extension OpenFile {
    /// Which of its bytes are meant.
    ///
    /// - Parameters:
    ///   - offset: where they begin; where the descriptor stands for `nil`.
    ///   - count: how many they are; all that follow for `nil`.
    /// - Throws: ``UnreadableFile`` when the file does not have them.
    package func range(from offset: Int?, count: Int?) throws(UnreadableFile) -> Range<Int> {
        let start = if let offset { offset } else { try position }
        guard start >= 0, start <= size, count ?? 0 >= 0, count ?? 0 <= size - start else {
            throw UnreadableFile("descriptor \(descriptor)", .tooShort)
        }
        return start..<(count.map { start + $0 } ?? size)
    }

    /// Reads that part.
    package func read(_ range: Range<Int>) throws(UnreadableFile) -> [UInt8] {
        var fault: UnreadableFile?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { memory, count in
            do throws(UnreadableFile) {
                // SAFETY: there is room for as many bytes; the array may have a little more.
                try read(
                    into: UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: range.count),
                    at: range.lowerBound)
                count = range.count
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }
}
