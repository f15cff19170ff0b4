// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornWebSocket
import Foundation

/// Goes the way of a client step by step, and stops at the first fault.
///
/// ```
///  address ─ DNS ─ TCP ─ [proxy] ─ [TLS] ─ answer: each field ─ ping ─ [idle] ─ close
/// ```
struct Examination: Sendable {
    let address: String
    let configuration: WebSocketClient.Configuration
    /// How long the connection is left without traffic; `nil` for not at all.
    let idle: Duration?
    /// How long a pong, and the answer to the close frame, are waited for.
    let patience: Duration
    /// Told each step as it is done.
    let report: @Sendable (Step) -> Void

    /// - Returns: what is wrong; `nil` when all is well.
    /// - Throws: `CancellationError` when the task is cancelled.
    func run() async throws(CancellationError) -> Fault? {
        do {
            try await examine()
            return nil
        } catch let finding as Finding {
            report(finding.step)
            return finding.fault
        } catch { throw CancellationError() }
    }

    private func examine() async throws {
        let uri = try parsed()
        let proxy = try proxy(to: uri)
        try await lookUp(uri, through: proxy)
        let connection = try await open(uri, through: proxy)
        tell(connection)
        try await OpenConnectionExamination(
            connection: connection, idle: idle, patience: patience, report: report
        ).run()
    }

    private func parsed() throws(Finding) -> WebSocketURI {
        do throws(InvalidURI) {
            let uri = try WebSocketURI(address)
            report(Step(.address, .passed, "\(uri)"))
            return uri
        } catch { throw Finding(at: .address, "\(error)", .invalidAddress("\(error)")) }
    }

    private func proxy(to uri: WebSocketURI) throws(Finding) -> (address: ProxyAddress, source: String)? {
        do throws(WebSocketError) {
            guard let proxy = try configuration.proxy(to: uri) else { return nil }
            let isGiven = if case .proxy = configuration.proxy { true } else { false }
            return (proxy, isGiven ? "is given with --proxy" : "the environment names")
        } catch { throw Finding(at: .proxy, error.message, .unusableOptions(error.message)) }
    }

    private func lookUp(_ uri: WebSocketURI, through proxy: (address: ProxyAddress, source: String)?) async throws {
        var host = uri.host
        switch configuration.endpoint {
        case .tcp(let other, _)?: host = other
        case .unix, .connectedSocket: return report(Step(.lookup, .skipped, "not for a Unix socket"))
        case nil: break
        }
        if let proxy { host = proxy.address.host }
        let begin = ContinuousClock.now
        do {
            let addresses = try await AddressLookup.addresses(of: host, configuration.addressFamily)
            let text = addresses == [host] ? "\(host) is an address" : unique(addresses).joined(separator: ", ")
            report(Step(.lookup, .passed, text, after: ContinuousClock.now - begin))
        } catch let failure as AddressLookup.Failure {
            throw Finding(at: .lookup, "\(failure)", .unknownHost(host, "\(failure)"))
        }
        try Task.checkCancellation()
    }

    private func unique(_ addresses: [String]) -> [String] {
        addresses.enumerated().filter { addresses.firstIndex(of: $1) == $0 }.map(\.element)
    }

    private func open(
        _ uri: WebSocketURI, through proxy: (address: ProxyAddress, source: String)?
    ) async throws -> WebSocketConnection {
        let passage = Passage(through: proxy?.address, report: report)
        var configuration = configuration
        // Neither browsers nor most clients follow any, and what keeps a connection alive would hide who ends it.
        configuration.maximumRedirects = 0
        configuration.connection.limits.pingInterval = nil
        configuration.connection.limits.closeTimeout = patience
        configuration.progress = { passage.note($0) }
        do {
            let connection = try await WebSocketClient.open(address, configuration: configuration)
            report(Step(.answer, .passed, "101 Switching Protocols", after: passage.sinceLast))
            return connection
        } catch let error as WebSocketError {
            let reading = OpeningFailureReading(
                uri: uri, configuration: configuration, proxy: proxy, passage: passage,
                opinions: SecondOpinions(uri: uri, configuration: configuration))
            let finding = await reading.finding(for: error)
            try Task.checkCancellation()
            throw finding
        }
    }

    /// The fields of the answer, which the client has found to be right.
    private func tell(_ connection: WebSocketConnection) {
        let fields = connection.response.fields
        report(Step(.upgrade, .passed, fields.first("Upgrade")?.escapedForLog ?? ""))
        report(Step(.connection, .passed, fields.first("Connection")?.escapedForLog ?? ""))
        report(Step(.accept, .passed, "fits our key"))
        if let extensions = fields.first("Sec-WebSocket-Extensions") {
            report(Step(.extensions, .passed, extensions.escapedForLog))
        } else {
            let wasOffered = configuration.deflate != nil
            report(Step(.extensions, .skipped, wasOffered ? "none accepted: no compression" : "none offered"))
        }
        if let subprotocol = connection.subprotocol {
            report(Step(.subprotocol, .passed, subprotocol.escapedForLog))
        } else if configuration.subprotocols.isEmpty {
            report(Step(.subprotocol, .skipped, "none offered"))
        } else {
            report(Step(.subprotocol, .noted, "none accepted; browsers take that for a failure when they offered one"))
        }
    }
}
