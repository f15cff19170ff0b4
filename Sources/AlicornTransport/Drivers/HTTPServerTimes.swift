// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// The times of a connection that speaks HTTP, in nanoseconds: arithmetic with `Duration` is that of 128 bits.
package struct HTTPServerTimes: Sendable {
    /// For a request's head, from accepting or its first byte on.
    let head: Int64
    /// For a body to go on, either way: counted anew with each piece.
    let body: Int64
    /// For the application, once the request is there; `nil` when the time for the head is that for all of it.
    let answer: Int64?
    let idle: Int64
    let linger: Int64

    /// One time for all of a request.
    ///
    /// - Parameters:
    ///   - open: from accepting, or the first byte of a request, to its answer (HS-16), bodies included.
    ///   - idle: how long a connection may wait for its next request.
    ///   - linger: how long what a client still sends is read and dropped before TCP is cut.
    package init(open: Duration, idle: Duration, linger: Duration) {
        head = open.clampedNanoseconds
        body = head
        answer = nil
        self.idle = idle.clampedNanoseconds
        self.linger = linger.clampedNanoseconds
    }

    /// A time for each stage of a request (P-19). The application has all the time that it wants.
    ///
    /// - Parameters:
    ///   - head: from accepting, or the first byte of a request, to the end of its head.
    ///   - body: how long nothing may come of a request's body, or be read of a response's.
    package init(head: Duration, body: Duration, idle: Duration, linger: Duration) {
        self.head = head.clampedNanoseconds
        self.body = body.clampedNanoseconds
        answer = .max
        self.idle = idle.clampedNanoseconds
        self.linger = linger.clampedNanoseconds
    }
}
