// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("The command that builds what runs")
struct BuildCommandTests {
    @Test(
        "package, scratch folder, configuration and product come from the executable's path",
        arguments: [
            ("/app/.build/x86_64-unknown-linux-gnu/debug/App", "/app", "/app/.build", "debug"),
            ("/app/.build/release/App", "/app", "/app/.build", "release"),
            ("/app/.build/arm64-apple-macosx/release/App", "/app", "/app/.build", "release"),
            ("/tmp/my-cool-build/debug/App", "/src", "/tmp/my-cool-build", "debug"),
            ("/tmp/build/aarch64-unknown-linux-gnu/debug/App", "/src", "/tmp/build", "debug"),
        ])
    func swiftBuild(executable: String, package: String, scratch: String, configuration: String) {
        let command = BuildCommand.swiftBuild(of: executable, workingDirectory: "/src") {
            ["/app/Package.swift", "/src/Package.swift"].contains($0)
        }
        #expect(
            command
                == BuildCommand(
                    program: "swift",
                    arguments: [
                        "build", "--package-path", package, "--scratch-path", scratch,
                        "--configuration", configuration, "--product", "App",
                    ]))
    }

    @Test("what SwiftPM has not built has none", arguments: ["/usr/bin/app", "/App", "", "App", "/usr/local/bin/App"])
    func installed(executable: String) {
        #expect(BuildCommand.swiftBuild(of: executable, workingDirectory: "/src") { _ in true } == nil)
    }

    @Test("without a package there is none")
    func noPackage() {
        #expect(
            BuildCommand.swiftBuild(of: "/app/.build/debug/App", workingDirectory: "/src") { _ in false } == nil)
    }
}
