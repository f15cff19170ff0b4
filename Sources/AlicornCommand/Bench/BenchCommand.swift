// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornDeflate
import AlicornNIO
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket
import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Puts load on a server, and measures how it copes.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Put load on a WebSocket server, and measure its throughput and latency.",
        discussion: """
            With --rate messages are due by a schedule, and latency counts from when a message was due, not from when it could be \
            sent: a server that stalls cannot hide it.

            The exit status is 0 when all went well, 1 when no connection came about, 2 for wrong options, 3 when there were errors \
            during the run, and 130 after Ctrl-C, which prints what was measured until then; a second one ends at once.
            """)

    @Argument(help: "The server's address, such as ws://127.0.0.1:8765/.")
    var uri: String

    @Option(help: ArgumentHelp("What is measured.", valueName: "echo|handshake|broadcast"))
    var mode = LoadPlan.Mode.echo

    @Option(help: ArgumentHelp("The connections that are open at the same time.", valueName: "number"))
    var connections = 32

    @Option(
        help: ArgumentHelp(
            "Send so many messages a second over all connections; as many as are answered unless given.",
            valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("The payload of a message.", valueName: "bytes"))
    var size = 16

    @Option(help: ArgumentHelp("The messages in flight on a connection.", valueName: "number"))
    var pipeline = 1

    @Option(help: ArgumentHelp("How long is measured.", valueName: "seconds"))
    var duration = DurationArgument(seconds: 10)

    @Option(help: ArgumentHelp("How long the load is on before that.", valueName: "seconds"))
    var warmUp = DurationArgument(seconds: 1)

    @Option(help: ArgumentHelp("What the messages are.", valueName: "text|binary"))
    var payload = LoadPlan.Payload.binary

    @Flag(help: "Compress with permessage-deflate; the messages then are text that can be compressed.")
    var deflate = false

    @Option(help: ArgumentHelp("The threads that the load comes from.", valueName: "number"))
    var threads = 1

    @Flag(help: "Print a single JSON object, for programs.")
    var json = false

    @OptionGroup var colors: ColorOptions

    @OptionGroup(title: "Connection") var client: ClientOptions

    func validate() throws {
        try refuse(!(1...1_000_000).contains(connections), "--connections must be from 1 to 1000000")
        try refuse(!(0...(256 << 20)).contains(size), "--size must be from 0 to 268435456 bytes")
        try refuse(!(1...65_536).contains(pipeline), "--pipeline must be from 1 to 65536")
        try refuse(!(1...1024).contains(threads), "--threads must be from 1 to 1024")
        try refuse(threads > connections, "--threads must not be more than --connections")
        try refuse(duration.isZero, "--duration must be more than 0 seconds")
        try refuse(rate.map { !($0 > 0 && $0 <= 1e9) } ?? false, "--rate must be more than 0, and at most 1000000000")
        try refuse(mode == .handshake && rate != nil, "--rate is for messages: --mode handshake has none")
        try refuse(mode == .broadcast && deflate, "--mode broadcast does not compress: leave --deflate out")
        try refuse(
            mode == .broadcast && size < SendTime.size,
            "--mode broadcast needs a --size of at least \(SendTime.size): messages say when they were sent")
        try refuse(deflate && client.noDeflate, "--deflate and --no-deflate exclude each other")
    }

    private func refuse(_ isWrong: Bool, _ sentence: String) throws {
        if isWrong { throw ValidationError(sentence) }
    }

    func run() async throws {
        Self.raiseDescriptorLimit()
        let configuration = try configuration()
        let target = try target(configuration)
        let run = LoadRun(
            plan, to: target, messages: messages, on: try await engines(target, configuration),
            liveLine: LiveLine(plan, colors: colors.color))
        let watch = try SignalWatch(.interrupt, .terminate)
        defer { watch.stop() }
        let interrupt = run.interrupt
        let listening = Task {
            var isFirst = true
            for await _ in watch.signals {
                guard isFirst else { Foundation.exit(130) }
                isFirst = false
                interrupt()
            }
        }
        let report = await run.run()
        listening.cancel()
        try finish(report)
    }

    private func finish(_ report: LoadReport) throws {
        if report.total.opened == 0, !report.isInterrupted {
            for mistake in report.total.mistakes.entries {
                PlainConsole.complain(
                    "alicorn: \(mistake.sentence)\(mistake.count > 1 ? " (\(mistake.count) times)" : "")")
            }
        }
        if json {
            PlainConsole().show(ReportObject(report, uri: uri).text)
        } else if report.total.opened > 0 {
            PlainConsole().show(ReportTable(report: report, uri: uri, hasColors: colors.color.isOn()).text)
        }
        if report.status != 0 { throw ExitCode(report.status) }
    }

    // MARK: - What the options say

    private var plan: LoadPlan {
        var plan = LoadPlan()
        plan.mode = mode
        plan.connections = connections
        plan.rate = rate
        plan.size = size
        plan.pipeline = pipeline
        plan.duration = duration.duration
        plan.warmUp = warmUp.duration
        plan.payload = payload
        plan.threads = threads
        plan.isCompressed = deflate
        return plan
    }

    /// - Throws: `ValidationError` for an address or fields that nothing can be made of.
    private func target(_ configuration: WebSocketClient.Configuration) throws -> LoadTarget {
        do {
            let uri = try WebSocketURI(uri)
            var generator = SystemRandomNumberGenerator()
            _ = try ClientHandshake(to: uri, configuration: configuration.handshake, using: &generator)
            return LoadTarget(
                uri: uri, handshake: configuration.handshake, limits: configuration.http,
                openTimeout: configuration.connection.openTimeout)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func configuration() throws -> WebSocketClient.Configuration {
        var configuration = try client.configuration()
        // Without contexts each message is compressed by itself: then all that are the same are the same bytes, made once.
        configuration.deflate = deflate ? Self.deflate : nil
        return configuration
    }

    private static let deflate = ClientPerMessageDeflate(
        serverNoContextTakeover: true, clientNoContextTakeover: true, clientMaxWindowBits: .notOffered)

    private var messages: [LoadMessage] {
        (0..<min(connections, LoadMessage.variants(ofSize: size))).map { variant in
            LoadMessage(payload.kind, LoadMessage.payload(plan, variant: variant), pipeline: pipeline)
        }
    }

    // MARK: - The way to the server

    private func engines(
        _ target: LoadTarget, _ configuration: WebSocketClient.Configuration
    ) async throws -> [any LoadEngine] {
        let route = try await configuration.route(to: target.uri)
        #if os(Linux)
        if route.stages.isEmpty, let addresses = try await addresses(route) {
            return try NativeLoops(threads: threads).members.map { NativeLoadEngine(member: $0, addresses: addresses) }
        }
        #endif
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let loops = NIOLoops(group)
        return group.makeIterator().map { NIOLoadEngine(eventLoop: $0, loops: loops, route: route) }
    }

    #if os(Linux)
    /// - Returns: `nil` for what the native engine cannot connect to.
    private func addresses(_ route: DialRoute) async throws -> [SocketEndpoint]? {
        switch route.endpoint {
        case .unix(let path): return [.unix(path: path)]
        case .connected: return nil
        case .tcp(let host, let port):
            let texts = try await AddressLookup.addresses(of: host, route.socket.addressFamily)
            return texts.compactMap { text in
                HostAddress(text.utf8).map { SocketEndpoint($0, port: UInt16(clamping: port)) }
            }
        }
    }
    #endif

    /// Each connection is a descriptor: as many as the system lets this process have.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(descriptorLimit, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(descriptorLimit, &limit)
    }
}

#if canImport(Glibc)
private let descriptorLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
private let descriptorLimit = RLIMIT_NOFILE
#endif
