// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import Foundation

/// How many connections the kernel keeps at most until they are accepted at a listening TCP socket (tcp(7), TCP_INFO, which
/// has it in the place of acknowledged segments); -1 when it does not tell.
func backlogOfKernel(_ descriptor: Int32) -> Int {
    var info = tcp_info()
    var length = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else { return -1 }
    return Int(info.tcpi_sacked)
}

#endif
