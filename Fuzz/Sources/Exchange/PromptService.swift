// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import EngineUnderFuzz
import FuzzDriver
import VirtualUnderFuzz

/// A server of one connection whose application answers each request at once, in a manner that the input's options decide.
final class PromptService: RequestResponder {
    /// What came of all the bytes.
    struct Outcome: Equatable {
        var requests: [Request] = []
        var violations: [HTTPViolation] = []
        var sent: [UInt8] = []
    }

    struct Request: Equatable {
        var target: String
        var body: [UInt8]
        var trailers: [HeaderField]?
    }

    /// When and how a request is answered.
    private enum Manner: UInt8 {
        case wholeAtHead, wholeAtEnd, piecesAtEnd, lengthAtEnd, afterContinue, lastAtHead, brokenAtEnd, whenClientEnds
    }

    private let manner: Manner
    private var exchanges: [(target: String, exchange: Exchange)] = []
    private var violations: [HTTPViolation] = []
    private var closings = 0

    static func outcome(of input: FuzzInput, cut: Cut) -> Outcome {
        let loop = VirtualLoop()
        let transport = MemoryTransport(loop: loop)
        let service = PromptService(input.options)
        transport.setDriver(service.driver(on: transport, input.options))
        for piece in cut.pieces(of: input.payload.count) {
            loop.perform { transport.deliver(Array(input.payload[piece])) }
        }
        loop.perform { transport.deliverEOF() }
        loop.advance(by: .seconds(100))
        check(transport.isGone, "a connection comes to its end")
        check(service.closings == 1, "its end is told once")
        return service.outcome(transport.taken)
    }

    private init(_ options: (UInt8, UInt8)) { manner = Manner(rawValue: options.0 & 7) ?? .wholeAtEnd }

    private func driver(on transport: MemoryTransport, _ options: (UInt8, UInt8)) -> HTTPServerDriver {
        HTTPServerDriver(
            transport: transport, limits: .underFuzz(options.1), times: .underFuzz, bodies: .streamed, responder: self)
    }

    private func outcome(_ sent: [UInt8]) -> Outcome {
        Outcome(
            requests: exchanges.map {
                Request(target: $0.target, body: $0.exchange.body, trailers: $0.exchange.trailers)
            }, violations: violations, sent: sent)
    }

    // MARK: - The application

    func receive(_ request: RequestHead, body: ReceivedBody, from driver: HTTPServerDriver) {
        let exchange = Exchange(hasBody: !body.isNone)
        exchanges.append((request.target, exchange))
        switch manner {
        case .wholeAtHead: return respond(to: exchange, on: driver)
        case .lastAtHead:
            driver.closeAfterResponse()
            return respond(to: exchange, on: driver)
        case .afterContinue: driver.sendContinue()
        case .wholeAtEnd, .piecesAtEnd, .lengthAtEnd, .brokenAtEnd, .whenClientEnds: break
        }
        driver.observe(by: exchange)
        if manner == .whenClientEnds {
            exchange.whenClientEnds = { [unowned self, unowned exchange] in respond(to: exchange, on: driver) }
        } else {
            exchange.whenWhole = { [unowned self, unowned exchange] in answer(exchange, on: driver) }
            if body.isNone { answer(exchange, on: driver) }
        }
    }

    private func respond(to exchange: Exchange, on driver: HTTPServerDriver) {
        exchange.hasResponded = true
        driver.respond(ResponseHead(status: 200), body: Array("abc".utf8))
    }

    private func answer(_ exchange: Exchange, on driver: HTTPServerDriver) {
        let body = exchange.body
        do throws(HTTPMisuse) {
            switch manner {
            case .piecesAtEnd:
                try driver.sendHead(ResponseHead(status: 200), body: .streamed, leading: .none)
                for start in stride(from: 0, to: body.count, by: 1000) {
                    try send(Array(body[start..<min(start + 1000, body.count)]), on: driver)
                }
            case .lengthAtEnd:
                try driver.sendHead(ResponseHead(status: 200), body: .length(body.count), leading: .none)
                try send(body, on: driver)
            case .brokenAtEnd:
                try driver.sendHead(ResponseHead(status: 200), body: .length(body.count + 1), leading: .none)
                return driver.breakResponse()
            case .wholeAtHead, .wholeAtEnd, .afterContinue, .lastAtHead, .whenClientEnds:
                return respond(to: exchange, on: driver)
            }
            exchange.hasResponded = true
            try driver.endResponse()
        } catch { fatalError("broken: a right response is sent, but \(error)") }
    }

    private func send(_ bytes: [UInt8], on driver: HTTPServerDriver) throws(HTTPMisuse) {
        try driver.sendBody(bytes.span)
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer {
        violations.append(violation)
        return FinalAnswer(violation)
    }

    func closed(_ driver: HTTPServerDriver) { closings += 1 }
}

extension HTTPServerTimes {
    static let underFuzz = HTTPServerTimes(
        head: .seconds(10), body: .seconds(20), idle: .seconds(5), linger: .seconds(2))
}

extension HTTPLimits {
    /// Small ones, by the bits.
    static func underFuzz(_ bits: UInt8) -> HTTPLimits {
        var limits = HTTPLimits()
        if bits & 1 != 0 {
            limits.startLine = 64
            limits.fieldLine = 64
            limits.head = 256
            limits.fields = 8
        }
        if bits & 2 != 0 {
            limits.requestBody = 100
            limits.chunkOverhead = 64
            limits.unreadBody = 32
        }
        return limits
    }
}
