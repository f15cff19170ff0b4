// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport
import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// This process' part in serving an application: it serves, alone or as a worker, or it looks after the processes that do.
struct ServingProcess {
    private let application: any Application
    private let settings: ServerSettings
    private let log: ConsoleLog
    private let notifier: SystemdNotifier?

    init(_ application: any Application, _ settings: ServerSettings) {
        let environment = ProcessInfo.processInfo.environment
        let inherited = SystemdActivation.descriptors(in: environment)
        var settings = settings
        if !inherited.isEmpty { settings.listening.addresses = inherited.map { .descriptor($0) } }
        self.application = application
        self.settings = settings
        log = ConsoleLog(settings.logging, settings.application.compatibility)
        notifier = SystemdNotifier(environment: environment)
    }

    /// - Returns: the status to exit with; see ``Alicorn/serve(_:_:)``.
    func run() async -> Int32 {
        do {
            if let link = try WorkerLink.inherited(backlog: settings.listening.limitedBacklog) {
                return await work(link)
            }
            for warning in settings.warnings { log.write(.warning, warning) }
            if !settings.python.given.isEmpty {
                log.write(
                    .debug,
                    "Without effect, as they are for applications in Python: "
                        + settings.python.given.joined(separator: ", "))
            }
            if settings.reloading.isOn { return try reload() }
            if settings.processes.workers > 1 { return try supervise() }
            return await serveAlone()
        } catch {
            log.write(.error, "\(error)")
            return Self.startUpFailed
        }
    }

    /// U-XC-04 to U-XC-06.
    private static let startUpFailed: Int32 = 3

    // MARK: - Serving

    private func serveAlone() async -> Int32 {
        let server = Server(application, settings: settings, log: log, sockets: nil)
        let end = await run(server) { [notifier] addresses in
            notifier?.ready(status: "Running on \(addresses.joined(separator: ", "))")
        }
        // U-SG-04: whoever sent it sees that it was heard.
        if end == .signal(.terminate) { ProcessSignal.terminate.befall() }
        return end == .failure ? Self.startUpFailed : 0
    }

    private func work(_ link: WorkerLink) async -> Int32 {
        // Behind those of the application.
        let metricsCount = settings.metrics.port == nil ? 0 : 1
        let place = WorkerPlace(
            number: link.number, metricsSockets: link.sockets.suffix(metricsCount), folder: .inherited())
        let server = Server(
            application, settings: settings, log: log, sockets: link.sockets.dropLast(metricsCount), worker: place)
        let end = await run(server) { _ in
            Task {
                await link.serve { await server.isMoving() }
                server.stop()
            }
        }
        return end == .failure ? Self.startUpFailed : 0
    }

    /// What has ended a server.
    private enum End: Equatable {
        case signal(ProcessSignal)
        /// Its own limit.
        case done
        case failure
    }

    private func run(_ server: Server, listening: @escaping @Sendable ([String]) -> Void) async -> End {
        let watch: SignalWatch
        do throws(SystemFailure) { watch = try SignalWatch(.interrupt, .terminate) } catch {
            log.write(.error, "Signals cannot be watched for: \(error).")
            return .failure
        }
        let listener = Task { [notifier] in
            var first: ProcessSignal?
            for await signal in watch.signals {
                if first == .interrupt, signal == .interrupt { server.forceStop() }
                if first == nil { notifier?.stopping() }
                first = first ?? signal
                server.stop()
            }
            return first
        }
        let reloads = TLSReload.start(server, settings.tls, log)
        defer { reloads?.cancel() }
        do throws(Server.StartFailure) { try await server.run(listening: listening) } catch { return .failure }
        listener.cancel()
        watch.stop()
        return await listener.value.map { .signal($0) } ?? .done
    }

    // MARK: - Looking after others

    private func supervise() throws -> Int32 {
        let sockets = try openSockets(workers: settings.processes.workers)
        var program = WorkerProgram.current
        // Whoever is asked for metrics asks the others.
        let folder = try settings.metrics.path.map { _ throws(SystemFailure) in try WorkerFolder() }
        defer { folder?.remove() }
        program.environment[WorkerFolder.variable] = folder?.path
        let configuration = SupervisorConfiguration(
            workers: settings.processes.workers, gracePeriod: gracePeriod,
            healthCheckTimeout: settings.timeouts.workerHealthcheck)
        let supervisor = Supervisor(configuration, sockets: sockets, program: program, log: log) { [notifier] in
            notifier?.ready(status: "Running with \(configuration.workers) workers")
        }
        return try supervisor.run()
    }

    private func reload() throws -> Int32 {
        let here = FileManager.default.currentDirectoryPath
        let directories = settings.reloading.directories.isEmpty ? [here] : settings.reloading.directories
        let build = BuildCommand.swiftBuild(of: WorkerProgram.current.path, workingDirectory: here) {
            FileManager.default.fileExists(atPath: $0)
        }
        let configuration = ReloadConfiguration(
            directories: directories,
            filter: ReloadFilter(
                includes: settings.reloading.includes, excludes: settings.reloading.excludes, workingDirectory: here),
            delay: settings.reloading.delay, gracePeriod: gracePeriod, build: build)
        log.write(.info, configuration.announcement)
        let sockets = try openSockets(workers: 1)
        return try Reloader(configuration, sockets: sockets, log: log).run()
    }

    private var gracePeriod: Duration { settings.timeouts.gracefulShutdown ?? .seconds(Int64(Int32.max)) }

    /// Binds what workers listen on, the metrics' own port last, and says where that is.
    private func openSockets(workers: Int) throws -> WorkerSockets {
        let metrics = settings.metrics.address
        let addresses = settings.listening.addresses + [metrics].compactMap { $0 }
        let sockets = try WorkerSockets(
            addresses.map { $0.listenAddress(settings.listening) }, workers: workers,
            backlog: settings.listening.limitedBacklog)
        let endpoints = sockets.endpoints
        for endpoint in endpoints.prefix(settings.listening.addresses.count) {
            log.announce(endpoint, isSecure: settings.tls.isOn)
        }
        if metrics != nil, let endpoint = endpoints.last, let path = settings.metrics.path {
            log.announceMetrics(endpoint, path: path)
        }
        return sockets
    }
}
