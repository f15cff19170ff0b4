// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser

/// The application server: `alicorn APP`, as uvicorn's users type it, or `alicorn serve APP`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve an application, over HTTP and WebSocket on one port.",
        discussion: """
            Where no command is named it is this one that is meant: alicorn hello is alicorn serve hello. What an option says can also \
            stand in a variable, as ALICORN_PORT for --port, or in the file that --config names; the command line counts before \
            variables, and these before the file.

            The exit status is 0 after SIGINT and at --limit-max-requests, 143 after SIGTERM, but 0 of a supervisor (--workers, \
            --reload), 2 for wrong options, and 3 when the application or the server did not start.
            """)

    @Argument(
        help: ArgumentHelp(
            "The application: hello or demo, which are built in, or module:attribute in Python; in the variable ALICORN_APP if "
                + "it is not here.",
            valueName: "app"), completion: .list(BuiltInApplication.allCases.map(\.rawValue)))
    var application: String?

    var options = ServeOptions()

    init() {}

    func run() async throws {
        let settings = try options.settings(application: application)
        let path = try settings.application.requiredPath
        if PythonHandOver.isFor(path) { throw ExitCode(PythonHandOver.run(settings)) }
        guard let application = BuiltInApplication(rawValue: path) else {
            let names = BuiltInApplication.allCases.map(\.rawValue).joined(separator: ", ")
            Alicorn.complain(
                "Error loading ASGI app. There is no application \"\(path)\" here: built in are \(names).", settings)
            throw ExitCode(3)
        }
        throw ExitCode(await Alicorn.serve(try application.make(), settings))
    }
}

/// The server's options are the command's own, as if they were declared in it: ArgumentParser, built for debugging, checks a
/// group's options some four times for each level that it lies below its command, which made a start take a second.
extension ServeCommand: CustomReflectable {
    var customMirror: Mirror {
        Mirror(self, children: [("_application", _application)] + Mirror(reflecting: options).children)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyName.self)
        _application = try container.decode(Argument<String?>.self, forKey: AnyName(stringValue: "application"))
        options = try ServeOptions(from: decoder)
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// The applications that this program brings with it.
enum BuiltInApplication: String, CaseIterable {
    case hello, demo

    func make() throws -> any Application {
        switch self {
        case .hello: HelloApplication()
        case .demo: try DemoApplication.make()
        }
    }
}
