// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CLibFuzzer

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Lets libFuzzer call `test` with one input after the other, by the arguments of the command line. Does not return.
///
/// libFuzzer has a `main` of its own, but SwiftPM gives every executable one. So ours calls libFuzzer's driver.
public func fuzz(_ test: @escaping @Sendable (Span<UInt8>) -> Void) -> Never {
    current = test
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { start, count in
            current(UnsafeBufferPointer(start: start, count: count).span)
            return 0
        }
    )
}

/// SAFETY: written once, before libFuzzer starts to call it, on the one thread that it calls it on.
nonisolated(unsafe) private var current: @Sendable (Span<UInt8>) -> Void = { _ in }
