// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A program that builds; it writes to this process' output.
package struct BuildCommand: Sendable, Equatable {
    /// A path, or a name to look for in PATH.
    package var program: String
    package var arguments: [String]

    package init(program: String, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// The `swift build` that made an executable: the same product, configuration and folder for what is built.
    ///
    /// - Parameters:
    ///   - executable: its absolute path, such as `/app/.build/x86_64-unknown-linux-gnu/debug/App`.
    ///   - workingDirectory: where the package is when it is in no folder above the executable, as with
    ///     `--scratch-path`.
    ///   - exists: whether there is a file.
    /// - Returns: `nil` if that is not where SwiftPM puts executables, or there is no package.
    package static func swiftBuild(
        of executable: String, workingDirectory: String, exists: (String) -> Bool
    ) -> BuildCommand? {
        let parts = executable.split(separator: "/").map(String.init)
        guard executable.hasPrefix("/"), parts.count >= 4, let product = parts.last else { return nil }
        let configuration = parts[parts.count - 2]
        guard ["debug", "release"].contains(configuration) else { return nil }
        // `debug` may be a link to `<triple>/debug`: there is one folder more in the one name than in the other.
        let scratch = path(of: parts.dropLast(isTriple(parts[parts.count - 3]) ? 3 : 2))
        let above = stride(from: parts.count - 2, through: 0, by: -1).map { path(of: parts.prefix($0)) }
        guard let package = (above + [workingDirectory]).first(where: { exists($0 + "/Package.swift") }) else {
            return nil
        }
        return BuildCommand(
            program: "swift",
            arguments: [
                "build", "--package-path", package, "--scratch-path", scratch, "--configuration", configuration,
                "--product", product,
            ])
    }

    /// Whether a folder is named for what it was built for, such as `aarch64-unknown-linux-gnu`.
    private static func isTriple(_ name: String) -> Bool {
        let parts = name.split(separator: "-")
        return parts.count >= 3 && ["x86_64", "aarch64", "arm64", "armv7", "riscv64"].contains { parts[0] == $0 }
    }

    private static func path(of parts: some Sequence<String>) -> String { "/" + parts.joined(separator: "/") }
}
