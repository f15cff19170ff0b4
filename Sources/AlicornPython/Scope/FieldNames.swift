// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The names of header fields that came last, as bytes in lower case: most are a few well-known ones.
final class FieldNames {
    private var objects: [Object?] = Array(repeating: nil, count: 128)

    deinit { for object in objects { if let object { Py_DecRef(object) } } }

    private static let longestName = 64

    /// A reference to the name.
    func object(for name: Span<UInt8>) -> Object? {
        guard name.count <= Self.longestName else {
            return Self.lowercased(name) { PyBytes_FromStringAndSize($0, name.count) }
        }
        let place = (name.count &* 31 &+ Int(name[0] | 0x20) &* 7 &+ Int(name[name.count - 1] | 0x20)) & 127
        return Self.lowercased(name) { lowercased in
            if let object = objects[place], PyBytes_Size(object) == name.count,
                memcmp(PyBytes_AsString(object), lowercased, name.count) == 0
            {
                Py_IncRef(object)
                return object
            }
            guard let made = PyBytes_FromStringAndSize(lowercased, name.count) else { return nil }
            if let old = objects[place] { Py_DecRef(old) }
            Py_IncRef(made)
            objects[place] = made
            return made
        }
    }

    @inline(__always)
    private static func lowercased<Result>(_ name: Span<UInt8>, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count) { memory in
            for index in name.indices {
                let byte = name[index]
                let isUpper = byte &- UInt8(ascii: "A") < 26
                memory[index] = CChar(bitPattern: isUpper ? byte | 0x20 : byte)
            }
            // SAFETY: a name has at least one byte, and all were set.
            return body(UnsafePointer(memory.baseAddress!))
        }
    }
}
