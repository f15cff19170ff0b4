// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What is put together piece by piece where its size is not known before.
extension [UInt8] {
    /// The bytes of a span, copied.
    package init(copying span: Span<UInt8>) {
        // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
        self = unsafe span.withUnsafeBufferPointer { unsafe Self($0) }
    }

    /// Appends the bytes of a span.
    package mutating func append(copying span: Span<UInt8>) {
        // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends a constant of ASCII.
    mutating func append(_ text: StaticString) {
        // SAFETY: the text is a constant of that many bytes.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// What is put together piece by piece in a place that was made large enough before: each piece costs its copy.
extension OutputSpan<UInt8> {
    /// Appends the bytes of a span.
    @inline(__always)
    mutating func append(copying span: Span<UInt8>) {
        // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
        unsafe span.withUnsafeBufferPointer { unsafe append(copying: $0) }
    }

    /// Appends a constant of ASCII.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        // SAFETY: the text is a constant of that many bytes.
        unsafe append(copying: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a text as UTF-8.
    mutating func append(utf8 text: String) {
        let count = text.utf8.count
        precondition(count <= freeCapacity)
        // SAFETY: the line above holds the text within the buffer.
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            _ = unsafe buffer[initialized...].initialize(from: text.utf8)
            initialized += count
        }
    }

    /// Appends a number that is not negative, in digits.
    mutating func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    @inline(__always)
    private mutating func append(copying bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= freeCapacity)
        // SAFETY: the line above holds the bytes within the buffer.
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            guard let source = bytes.baseAddress, let start = buffer.baseAddress else { return }
            unsafe (start + initialized).initialize(from: source, count: bytes.count)
            initialized += bytes.count
        }
    }
}
