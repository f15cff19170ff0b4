// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import ArgumentParser
public import Foundation

/// The options of the application server on the command line: uvicorn's, and our own (P-01).
///
/// Put it into a command as `@OptionGroup var options: ServeOptions`, and ask it for ``settings(application:environment:)``
/// when that runs. The application's name is not among the options: a command that serves one in Swift needs none.
///
/// Nothing but names and help stands here: each value is a text that is checked, as those from elsewhere, where the
/// settings are read.
public struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Options by their names, in a file that ends in .json, .yaml or .yml.", valueName: "file"),
        completion: .file())
    var config: String?

    @OptionGroup(title: "Address") var address: AddressOptions
    @OptionGroup(title: "Application") var application: ApplicationOptions
    @OptionGroup(title: "HTTP") var http: HTTPOptions
    @OptionGroup(title: "WebSocket") var webSocket: WebSocketOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Timeouts") var timeouts: TimeoutOptions
    @OptionGroup(title: "TLS") var tls: TLSOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Processes") var processes: ProcessOptions
    @OptionGroup(title: "Logging") var logging: LogOptions
    @OptionGroup(title: "Metrics") var metrics: MetricsOptions
    @OptionGroup(title: "Reload") var reload: ReloadOptions
    @OptionGroup(title: "Python") var python: PythonOptions

    /// Options that are parsed by ArgumentParser.
    public init() {}

    /// The settings that these options make with the environment and the configuration file.
    ///
    /// - Parameters:
    ///   - application: the application's name, where the command line has one.
    ///   - environment: the process' variables.
    /// - Throws: ``InvalidSettings``.
    public func settings(
        application: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(InvalidSettings) -> ServerSettings {
        var given = given
        given["app"] = application.map { [$0] }
        return try ServerSettings(commandLine: given, environment: environment)
    }
}
