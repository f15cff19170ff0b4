// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

@Suite("Completion in shells", .timeLimit(.minutes(2)))
struct CompletionTests {
    private static let bash = Program("bash")

    /// What bash offers at the end of these words, by the script that the program writes for it.
    private func offers(_ words: String...) async throws -> [String] {
        let script = """
            eval "$("$0" --generate-completion-script bash)"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
            registered=$(complete -p alicorn)
            function=${registered##* -F }
            "${function%% *}" alicorn "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let program = RunningCommand.products.appendingPathComponent("alicorn").path
        let (_, report) = try await #require(Self.bash).run(["-c", script, program, "alicorn"] + words)
        return report.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(
        "bash completes commands, applications, options and their values",
        .enabled(if: bash != nil, "There is no bash."))
    func words() async throws {
        #expect(try await offers("con") == ["connect"])
        #expect(try await offers("connect", "--reco") == ["--reconnect"])
        #expect(try await offers("connect", "--send", "b") == ["binary", "base64"])
        #expect(try await offers("serve", "he") == ["hello"])
        #expect(try await offers("connect", "--ca", "/etc/host").contains("/etc/hosts"))
    }

    @Test("bash offers all options of all commands", .enabled(if: bash != nil, "There is no bash."))
    func options() async throws {
        for command in CommandHelp.all {
            let offered = Set(try await offers(command.name, "-"))
            #expect(Set(command.options).subtracting(offered) == [], "\(command.name)")
            #expect(offered.subtracting(command.options) == [], "\(command.name)")
        }
    }

    @Test(
        "the tab key of a real bash completes a command and an option",
        .enabled(if: TerminalSession.isThere && bash != nil, TerminalSession.skipped))
    func tab() async throws {
        try await TerminalSession.running { terminal in
            try await terminal.enter("exec bash --norc --noprofile")
            try await terminal.enter(#"eval "$(alicorn --generate-completion-script bash)"; echo re""ady"#)
            try await terminal.wait(for: "ready")
            try await terminal.type("alicorn con")
            try await terminal.press("Tab")
            try await terminal.wait(for: "$ alicorn connect")
            try await terminal.type("--reco")
            try await terminal.press("Tab")
            try await terminal.wait(for: "$ alicorn connect --reconnect")
        }
    }

    @Test(
        "each shell can read the script that is written for it",
        arguments: [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
    func syntax(shell: String, check: String) async throws {
        let command = try RunningCommand("--generate-completion-script", shell)
        let script = await command.lines.reduce(into: "") { $0 += $1 + "\n" }
        for command in CommandHelp.all { #expect(script.contains(command.name), "\(shell)") }
        for option in CommandHelp.all.flatMap(\.options) where option.hasPrefix("--") {
            // fish has names without dashes.
            #expect(script.contains(shell == "fish" ? "'\(option.dropFirst(2))'" : option), "\(shell) \(option)")
        }
        guard let program = Program(shell) else { return }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(script.utf8).write(to: file)
        let (status, report) = try await program.run([check, file.path])
        #expect(status == 0 && report.isEmpty, "\(report)")
    }
}
