// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A process that this one has started, until it is reaped.
struct ChildProcess: Sendable {
    let pid: Int32

    /// Starts a program, with signals as a new process has them, and without any descriptor of this process but the
    /// standard three and those that are `passed`.
    ///
    /// A process with threads must not fork; this is `posix_spawn`, which does it in the system.
    ///
    /// - Parameter path: the program; without a slash it is looked for in PATH.
    init(
        _ path: String, arguments: [String], environment: [String: String], passed: [Int32] = []
    ) throws(SystemFailure) {
        var actions = FileActions()
        for descriptor in passed { try actions.pass(descriptor) }
        let attributes = Attributes()
        let argv = CStrings([path] + arguments)
        let envp = CStrings(environment.map { "\($0.key)=\($0.value)" })
        var pid: pid_t = 0
        let status = attributes.withPointer { attributes in
            actions.withPointer { posix_spawnp(&pid, path, $0, attributes, argv.pointers, envp.pointers) }
        }
        guard status == 0 else { throw SystemFailure("posix_spawn", status) }
        self.pid = pid
    }

    /// Sends a signal; to a process that has ended it makes no difference until it is reaped.
    func send(_ signal: ProcessSignal) { kill(pid, signal.number) }

    /// How it ended; `nil` while it runs. Once it has been told there is no such process any more.
    func reap() -> ProcessEnding? {
        var status: Int32 = 0
        let result = waitpid(pid, &status, WNOHANG)
        guard result != 0 else { return nil }
        return result == pid ? ProcessEnding(waitStatus: status) : .unknown
    }
}

// MARK: - What posix_spawn wants

/// What becomes of descriptors in the new process.
private struct FileActions: ~Copyable {
    #if canImport(Darwin)
    private var actions: posix_spawn_file_actions_t?
    #else
    private var actions = posix_spawn_file_actions_t()
    #endif

    init() { posix_spawn_file_actions_init(&actions) }
    deinit {
        var actions = actions
        posix_spawn_file_actions_destroy(&actions)
    }

    /// Leaves a descriptor open, that is closed otherwise, under its number.
    mutating func pass(_ descriptor: Int32) throws(SystemFailure) {
        #if canImport(Darwin)
        let status = posix_spawn_file_actions_addinherit_np(&actions, descriptor)
        #else
        // Onto itself, which takes the mark of closing away.
        let status = posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor)
        #endif
        guard status == 0 else { throw SystemFailure("posix_spawn_file_actions", status) }
    }

    mutating func withPointer<Result>(_ body: (UnsafePointer<Actions>) -> Result) -> Result { body(&actions) }

    #if canImport(Darwin)
    typealias Actions = posix_spawn_file_actions_t?
    #else
    typealias Actions = posix_spawn_file_actions_t
    #endif
}

/// Signals as a new process has them, whatever this one has blocked or ignores.
private struct Attributes: ~Copyable {
    #if canImport(Darwin)
    typealias System = posix_spawnattr_t?
    private var attributes: System
    #else
    typealias System = posix_spawnattr_t
    private var attributes = System()
    #endif

    init() {
        posix_spawnattr_init(&attributes)
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    deinit {
        var attributes = attributes
        posix_spawnattr_destroy(&attributes)
    }

    func withPointer<Result>(_ body: (UnsafePointer<System>) -> Result) -> Result {
        withUnsafePointer(to: attributes, body)
    }
}

/// Texts as C has them, with `nil` at the end.
private struct CStrings: ~Copyable {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    deinit { for pointer in pointers { free(pointer) } }
}
