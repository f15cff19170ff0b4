// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Gives applications in Python to the package of the same name: in the active virtual environment, else to `python3`.
enum PythonHandOver {
    /// Whether the name is one of Python's: `module:attribute`.
    static func isFor(_ application: String) -> Bool { application.contains(":") }

    /// Becomes the package's command, with the same arguments.
    ///
    /// - Returns: the exit status, only when there is no Python to become.
    static func run(_ settings: ServerSettings) -> Int32 {
        let python = getenv("VIRTUAL_ENV").map { "\(String(cString: $0))/bin/python" } ?? "python3"
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "serve" { arguments.removeFirst() }
        var words = ([python, "-c", program] + arguments).map { strdup($0) } + [nil]
        // This may be a thread that hears no signals, which the new program would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        // SAFETY: texts that C has made, and nothing behind them; they go only if this returns.
        _ = execvp(python, &words)
        let reason = String(cString: strerror(errno))
        for word in words { free(word) }
        Alicorn.complain(
            "Error loading ASGI app. Python, which it takes, cannot be started as \(python): \(reason). Activate the virtual "
                + "environment that the application is installed in.", settings)
        return 3
    }

    /// The package's command, or a sentence where there is no such package.
    private static let program = """
        try:
            from alicorn.command import main
        except ModuleNotFoundError as error:
            if error.name != "alicorn":
                raise
            sys = __import__("sys")
            print("ERROR:    Error loading ASGI app. The package alicorn is not installed for " + sys.executable
                + ": pip install alicorn, or activate the virtual environment that has it.", file=sys.stderr)
            sys.exit(3)
        main(prog_name="alicorn")
        """
}
