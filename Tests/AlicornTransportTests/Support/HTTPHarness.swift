// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport

/// A driver between a scripted transport and a responder that does what a test says.
final class HTTPHarness {
    let loop = VirtualLoop()
    let transport: MemoryTransport
    let responder = NotingResponder()
    private(set) var driver: HTTPServerDriver!

    convenience init(limits: HTTPLimits = HTTPLimits()) {
        self.init(
            limits: limits, times: HTTPServerTimes(open: .seconds(10), idle: .seconds(5), linger: .seconds(2)),
            bodies: limits.requestBody == nil ? .readOver : .collected)
    }

    init(limits: HTTPLimits = HTTPLimits(), times: HTTPServerTimes, bodies: BodyDelivery) {
        transport = MemoryTransport(loop: loop)
        driver = HTTPServerDriver(
            transport: transport, limits: limits, times: times, bodies: bodies, responder: responder)
        transport.setDriver(driver)
    }

    /// Connection and driver hold each other until the connection ends, as with every engine.
    deinit { loop.perform { transport.fail(nil) } }

    func receive(_ text: String, inCutsOf size: Int = .max) {
        loop.perform { transport.deliver(Array(text.utf8), inCutsOf: size) }
    }

    func receiveEOF() { loop.perform { transport.deliverEOF() } }

    func act<Result>(_ body: (HTTPServerDriver) throws -> Result) rethrows -> Result {
        try loop.perform { try body(driver) }
    }

    /// Answers the oldest request that waits, with its target as the body.
    func answer(_ status: Int = 200) {
        act { driver in
            let request = responder.waiting.removeFirst()
            driver.respond(ResponseHead(status: status), body: Array(request.target.utf8))
        }
    }

    func advance(_ seconds: Double) { loop.advance(by: .seconds(seconds)) }

    /// What was sent, as text.
    var sent: String { String(decoding: transport.taken, as: UTF8.self) }
    /// The status lines that were sent.
    var statuses: [Int] {
        sent.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }
    /// The bodies of the answers, when they are targets.
    var bodies: [String] {
        sent.split(separator: "HTTP/1.1 ").compactMap { answer in
            answer.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init)
        }
    }

    func forget() { driver = nil }
}

/// A responder that notes requests and lets them wait, or answers at once.
final class NotingResponder: RequestResponder {
    var waiting: [RequestHead] = []
    private(set) var requests: [(head: RequestHead, body: ReceivedBody)] = []
    private(set) var violations: [HTTPViolation] = []
    private(set) var closings = 0
    /// What is done with a request at once; `nil` lets it wait.
    var handle: ((RequestHead, HTTPServerDriver) -> Void)?

    func receive(_ request: RequestHead, body: ReceivedBody, from driver: HTTPServerDriver) {
        requests.append((request, body))
        if let handle { handle(request, driver) } else { waiting.append(request) }
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer {
        violations.append(violation)
        return FinalAnswer(violation)
    }

    func closed(_ driver: HTTPServerDriver) { closings += 1 }

    /// Answers each request at once with its target.
    func echoTargets() {
        handle = { request, driver in driver.respond(ResponseHead(status: 200), body: Array(request.target.utf8)) }
    }
}

/// A driver that notes what it gets, as the one that takes over after an upgrade.
final class NotingDriver: ConnectionDriver {
    private(set) var received: [UInt8] = []
    private(set) var ends: [String] = []

    func receive(_ input: inout MutableSpan<UInt8>) {
        for index in 0..<input.count { received.append(input[index]) }
    }
    func receiveEOF() { ends.append("end of input") }
    func transportClosed(reason: String?) { ends.append("closed") }
    func writabilityChanged() {}
}
