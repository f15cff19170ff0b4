// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What the application server is told: uvicorn's options with its names and defaults, and our own (P-01).
///
/// Comes from four places, the first that has an option being the one that counts: the command line, variables
/// `ALICORN_…`, variables `UVICORN_…`, the configuration file. What nobody tells has its default.
public struct ServerSettings: Sendable, Hashable {
    /// What is served.
    public var application = Application()
    /// Where is listened.
    public var listening = Listening()
    /// HTTP responses.
    public var http = HTTP()
    /// WebSocket connections.
    public var webSocket = WebSocket()
    /// How much may come.
    public var limits = Limits()
    /// How long is waited.
    public var timeouts = Timeouts()
    /// Encryption.
    public var tls = TLS()
    /// Proxies in front of the server.
    public var proxies = Proxies()
    /// Processes and threads.
    public var processes = Processes()
    /// Logs.
    public var logging = Logging()
    /// Metrics.
    public var metrics = Metrics()
    /// Building and starting again when files change.
    public var reloading = Reloading()
    /// What matters to applications in Python alone.
    public var python = Python()
    /// Lines for the log, of level warning, on settings that do not do what they seem to.
    public var warnings: [String] = []

    /// The defaults.
    public init() {}

    /// Reads all places.
    ///
    /// - Parameters:
    ///   - commandLine: what the command line gives, by the options' names without dashes: `["port": ["80"]]`.
    ///   - environment: the process' variables, such as those of `ProcessInfo.processInfo.environment`.
    /// - Throws: ``InvalidSettings`` with all that is wrong. Files that options name must be readable.
    public init(
        commandLine: [String: [String]] = [:], environment: [String: String]
    ) throws(InvalidSettings) {
        var options = try OptionReader(commandLine: commandLine, environment: environment)
        application.read(&options)
        listening.read(&options)
        http.read(&options)
        webSocket.read(&options)
        limits.read(&options)
        timeouts.read(&options)
        tls.read(&options)
        proxies.read(&options)
        processes.read(&options)
        logging.read(&options)
        metrics.read(&options)
        reloading.read(&options)
        python.read(&options)
        let problems = options.problems + options.unknownKeys + contradictions
        guard problems.isEmpty else { throw InvalidSettings(problems) }
        warnings = doubts
    }
}
