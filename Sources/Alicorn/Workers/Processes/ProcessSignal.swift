// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The signals that are heard or sent.
package enum ProcessSignal: Sendable, Hashable, CaseIterable {
    case interrupt, terminate, hangUp, quit
    /// One process more, and one less (U-MP-06).
    case backgroundRead, backgroundWrite
    case user1, user2, windowChange
    /// Ctrl-Z in a terminal.
    case terminalStop
    case child, kill

    /// Its name, as in `kill -TERM`.
    package var name: String {
        switch self {
        case .interrupt: "INT"
        case .terminate: "TERM"
        case .hangUp: "HUP"
        case .quit: "QUIT"
        case .backgroundRead: "TTIN"
        case .backgroundWrite: "TTOU"
        case .user1: "USR1"
        case .user2: "USR2"
        case .windowChange: "WINCH"
        case .terminalStop: "TSTP"
        case .child: "CHLD"
        case .kill: "KILL"
        }
    }

    /// Its number on this system.
    package var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangUp: SIGHUP
        case .quit: SIGQUIT
        case .backgroundRead: SIGTTIN
        case .backgroundWrite: SIGTTOU
        case .user1: SIGUSR1
        case .user2: SIGUSR2
        case .windowChange: SIGWINCH
        case .terminalStop: SIGTSTP
        case .child: SIGCHLD
        case .kill: SIGKILL
        }
    }

    /// Does to this process what the signal does that nobody hears: ends it, or stops it until it is told to go on.
    package func befall() {
        var (signals, before) = (sigset_t(), sigset_t())
        sigemptyset(&signals)
        sigaddset(&signals, number)
        // Tasks run on threads that block signals: raised there it would wait.
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        raise(number)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
