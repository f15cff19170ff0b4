// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import EngineUnderFuzz
import FuzzDriver
import VirtualUnderFuzz

/// A client and an application that both do what a script says.
final class Scene: RequestResponder {
    private let loop = VirtualLoop()
    private let transport: MemoryTransport
    private var driver: HTTPServerDriver?
    private var payload: ArraySlice<UInt8>
    private var hasClientEnded = false
    /// The request that waits for its response, or for the rest of it.
    private var exchange: Exchange?
    private var closings = 0

    private enum Action: UInt8 {
        case deliver, deliverMore, end, lose, wait, read, readOn
        case startPieces, startLength, piece, finish, pause, goOn, interim, respond, cut
    }

    /// What an application that waits for room may have unsent: the water mark, a piece, and what is waiting to be flushed.
    private static let maximumUnsent = 256 * 1024

    static func play(_ input: FuzzInput) {
        weak var driver: HTTPServerDriver?
        do {
            let scene = Scene(input)
            driver = scene.driver
            scene.run(input.script)
            scene.end()
        }
        check(driver == nil, "a driver is let go with its connection")
    }

    private init(_ input: FuzzInput) {
        transport = MemoryTransport(loop: loop)
        payload = input.payload[...]
        let driver = HTTPServerDriver(
            transport: transport, limits: .underFuzz(input.options.1), times: .underFuzz, bodies: .streamed,
            responder: self)
        self.driver = driver
        transport.setDriver(driver)
    }

    /// Two bytes are a step: what happens, and how much of it.
    private func run(_ script: [UInt8]) {
        for start in stride(from: 0, to: script.count - 1, by: 2) {
            let amount = Int(script[start + 1])
            switch Action(rawValue: script[start] & 15) {
            case .deliver: deliver(amount + 1)
            case .deliverMore: deliver((amount + 1) * 64)
            case .end: endInput()
            case .lose: if amount & 7 == 0 { loop.perform { transport.fail("lost") } }
            case .wait: loop.advance(by: .milliseconds(amount * 100))
            case .read: loop.perform { transport.appetite = amount * 256 }
            case .readOn: loop.perform { transport.appetite = .max }
            case let action?: loop.perform { act(action, amount) }
            case nil: break
            }
            check(transport.unsentBytes <= Self.maximumUnsent, "what is unsent is bounded")
        }
        deliver(payload.count)
    }

    private func end() {
        loop.perform { transport.fail(nil) }
        check(closings == 1, "the end of a connection is told once")
        if let exchange { check(exchange.isClosed || exchange.hasResponded, "who waits hears of the end") }
        driver = nil
    }

    // MARK: - The client

    /// An engine does not read while it was told not to, nor behind the end.
    private func deliver(_ count: Int) {
        guard !transport.isReadingPaused, !hasClientEnded, !payload.isEmpty else { return }
        let bytes = Array(payload.prefix(count))
        payload = payload.dropFirst(count)
        loop.perform { transport.deliver(bytes) }
    }

    private func endInput() {
        guard !transport.isReadingPaused, !hasClientEnded else { return }
        hasClientEnded = true
        loop.perform { transport.deliverEOF() }
    }

    // MARK: - The application

    func receive(_ request: RequestHead, body: ReceivedBody, from driver: HTTPServerDriver) {
        check(exchange.map { $0.hasResponded } ?? true, "a request comes when the one before has its response")
        let exchange = Exchange(hasBody: !body.isNone)
        self.exchange = exchange
        driver.observe(by: exchange)
    }

    private func act(_ action: Action, _ amount: Int) {
        guard let driver, let exchange, !exchange.hasResponded, !exchange.isClosed else { return }
        do throws(HTTPMisuse) {
            switch action {
            case .startPieces: try begin(.streamed, exchange, on: driver)
            case .startLength: try begin(.length(amount * 256), exchange, on: driver)
            case .piece: try send(amount, on: driver)
            case .finish: try finish(exchange, on: driver)
            case .pause:
                driver.pauseBody()
            case .goOn:
                driver.resumeBody()
            case .interim:
                if amount & 1 == 0 { driver.sendContinue() } else { try driver.sendInterim(ResponseHead(status: 103)) }
            case .respond where exchange.hasBegun: break
            case .respond:
                exchange.hasResponded = true
                driver.respond(ResponseHead(status: 200), body: [UInt8](repeating: 7, count: amount))
            case .cut: if amount & 1 == 0 { driver.breakResponse() } else { driver.closeAfterResponse() }
            case .deliver, .deliverMore, .end, .lose, .wait, .read, .readOn: break
            }
        } catch {
            check(!"\(error)".isEmpty, "misuse has a sentence")
        }
    }

    private func begin(
        _ body: ResponseBody, _ exchange: Exchange, on driver: HTTPServerDriver
    ) throws(HTTPMisuse) {
        try driver.sendHead(ResponseHead(status: 200), body: body, leading: .none)
        exchange.hasBegun = true
    }

    /// Half of the pieces have an owner.
    private func send(_ amount: Int, on driver: HTTPServerDriver) throws(HTTPMisuse) {
        guard driver.hasRoom else { return }
        let bytes = [UInt8](repeating: 7, count: amount * 256)
        try driver.sendBody(bytes.span, owner: { amount & 1 == 0 ? nil : OwnedBytes(bytes) })
    }

    private func finish(_ exchange: Exchange, on driver: HTTPServerDriver) throws(HTTPMisuse) {
        // The next request may come before the call returns.
        exchange.hasResponded = true
        do throws(HTTPMisuse) {
            try driver.endResponse()
        } catch {
            exchange.hasResponded = false
            throw error
        }
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer { FinalAnswer(violation) }
    func closed(_ driver: HTTPServerDriver) { closings += 1 }
}
