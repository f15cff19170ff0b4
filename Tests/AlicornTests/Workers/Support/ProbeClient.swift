// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import Foundation

/// Asks the workers of a probe who they are, by one connection for each question.
enum ProbeClient {
    /// - Parameter question: `p` to be answered, `h` to have the worker hang, `x` to have it exit with 1.
    /// - Returns: the worker's process and number; `nil` when the connection was lost.
    @discardableResult
    static func ask(_ port: UInt16, _ question: String = "p") -> (pid: Int32, number: Int)? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return ask(
            AF_INET, withUnsafeBytes(of: address) { Array($0) }, question)
    }

    /// Asks over a Unix socket.
    static func ask(path: String) -> (pid: Int32, number: Int)? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return ask(AF_UNIX, withUnsafeBytes(of: address) { Array($0) }, "p")
    }

    private static func ask(_ family: Int32, _ address: [UInt8], _ question: String) -> (pid: Int32, number: Int)? {
        let descriptor = socket(family, streamSocketType, 0)
        defer { close(descriptor) }
        let isConnected = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, socklen_t(bytes.count)) }
        }
        guard isConnected == 0, send(descriptor, question, 1, Int32(MSG_NOSIGNAL)) == 1 else { return nil }
        var reply = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &reply, reply.count, 0)
        guard count > 0 else { return nil }
        let words = String(decoding: reply[..<(count - 1)], as: UTF8.self).split(separator: " ")
        guard words.count == 2, let pid = Int32(words[0]), let number = Int(words[1]) else { return nil }
        return (pid, number)
    }
}
